"""Asking a web server of the outside, on behalf of an address that a stranger wrote (S16).

Only http and https, only public addresses, checked after the name was resolved and after each redirect; the
connection goes to the very address that was checked. Five seconds, five megabytes, no cookies, no proxy.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from newsletter_app.kernel.hosts import is_public

SECONDS: Final = 5.0
MAX_OCTETS: Final = 5 * 1024 * 1024
MAX_REDIRECTS: Final = 5
AGENT: Final = "newsletter-app (checks the sources and pictures of health tips)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}
_CHUNK: Final = 65_536
_AS_THEY_STAND: Final = "/%:=&?~+!$,;'@()*[]-._"

Resolve = Callable[[str, int], list[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


class FetchRefused(Exception):
    """Nothing was fetched. ``code``: address-unreadable, address-not-public, name-unknown, unreachable,
    untrusted, too-slow, too-large, too-many-redirects.
    """

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered at last: the status, the address that gave it, and the body."""

    status: int
    address: str
    content: bytes = b""


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of ``host`` as the system resolves it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class Fetcher:
    """Fetches by rule; a test hands in how names are resolved and where connections lead."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        connect: Connect = socket.create_connection,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """Take the system's ways; ``seconds`` is for the whole of a fetch, redirects and all."""
        self._resolve = resolve
        self._connect = connect
        self._tls = tls
        self._seconds = seconds

    def get(self, address: str) -> Answer:
        """Return what stands at ``address``, followed through redirects. Raises FetchRefused."""
        return self._follow("GET", address, time.monotonic() + self._seconds, redirects=MAX_REDIRECTS)

    def look(self, address: str, *, follow: bool = True) -> int:
        """Return the status at ``address`` without its body: of HEAD, or of GET where HEAD is refused, since
        many servers know no HEAD. Without ``follow`` a redirect is an answer. Raises FetchRefused.
        """
        redirects = MAX_REDIRECTS if follow else 0
        status = 0
        for method in ("HEAD", "GET"):
            until = time.monotonic() + self._seconds
            status = self._follow(method, address, until, redirects=redirects, body=False).status
            if status < 400:
                break
        return status

    def _follow(
        self, method: str, address: str, until: float, *, redirects: int, body: bool = True
    ) -> Answer:
        followed = 0
        while True:
            answer, location = self._ask(method, address, until, body=body)
            if not location or not redirects:
                return answer
            followed += 1
            if followed > redirects:
                raise FetchRefused("too-many-redirects")
            address = urljoin(address, location)

    def _ask(self, method: str, address: str, until: float, *, body: bool) -> tuple[Answer, str]:
        parts, host, port = _parsed(address)
        checked = self._checked(host, port, until)
        target = quote(parts.path or "/", safe=_AS_THEY_STAND)
        target += f"?{quote(parts.query, safe=_AS_THEY_STAND)}" if parts.query else ""
        try:
            with self._opened(parts.scheme.lower(), host, port, checked, until) as connection:
                connection.request(method, target, headers={"User-Agent": AGENT, "Accept": "*/*"})
                response = connection.getresponse()
                location = response.getheader("Location", "") if response.status in _REDIRECTS else ""
                content = _read(response) if body and not location else b""
        except ssl.SSLCertVerificationError as fault:
            raise FetchRefused("untrusted") from fault
        except (OSError, http.client.HTTPException, ValueError) as fault:
            raise FetchRefused("too-slow" if _is_late(fault, until) else "unreachable") from fault
        if time.monotonic() > until:
            raise FetchRefused("too-slow")
        return Answer(response.status, address, content), location

    def _checked(self, host: str, port: int, until: float) -> str:
        """Return the address to connect to; where a name has several, all of them must be public."""
        found = self._resolved(host, port, until)
        if not all(is_public(address) for address in found):
            raise FetchRefused("address-not-public")
        return found[0]

    def _resolved(self, host: str, port: int, until: float) -> list[str]:
        # The system's resolver takes no limit of time, so it is left behind where it takes too long.
        answers: list[list[str] | FetchRefused] = []

        def ask() -> None:
            try:
                answers.append(self._resolve(host, port))
            except (OSError, UnicodeError) as fault:
                answers.append(FetchRefused(_why_unresolved(fault)))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(max(0.0, until - time.monotonic()))
        if not answers:
            raise FetchRefused("too-slow")
        found = answers[0] or FetchRefused("name-unknown")
        if isinstance(found, FetchRefused):
            raise found
        return found

    @contextmanager
    def _opened(
        self, scheme: str, host: str, port: int, checked: str, until: float
    ) -> Iterator[http.client.HTTPConnection]:
        """Open a connection to the checked address that speaks for ``host``, and end it when time is up.

        A server that sends a byte now and then keeps no time limit of a single read; the hang-up does.
        """
        plain = self._connect((checked, port), max(0.1, until - time.monotonic()))
        hang_up = threading.Timer(max(0.1, until - time.monotonic()), _shut, [plain])
        hang_up.daemon = True
        hang_up.start()
        connection = _Pinned(scheme, host, port)
        try:
            connection.sock = self._secured(plain, host) if scheme == "https" else plain
            yield connection
        finally:
            hang_up.cancel()
            connection.close()
            plain.close()

    def _secured(self, plain: socket.socket, host: str) -> ssl.SSLSocket:
        context = self._tls or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=host)


class _Pinned(http.client.HTTPConnection):
    """A connection whose socket is put in from outside; it must never open one by the name."""

    def __init__(self, scheme: str, host: str, port: int) -> None:
        self.default_port = _PORTS[scheme]
        super().__init__(host, port)
        self.auto_open = 0


def _parsed(address: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(address.strip())
        scheme, port = parts.scheme.lower(), parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as fault:
        raise FetchRefused("address-unreadable") from fault
    if scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        raise FetchRefused("address-unreadable")
    return parts, host, _PORTS[scheme] if port is None else port


def _read(response: http.client.HTTPResponse) -> bytes:
    held = bytearray()
    while chunk := response.read(_CHUNK):
        held += chunk
        if len(held) > MAX_OCTETS:
            raise FetchRefused("too-large")
    return bytes(held)


def _why_unresolved(fault: Exception) -> str:
    """Tell a name that nobody has from one that no name server could be asked for (getaddrinfo(3))."""
    is_passing = isinstance(fault, socket.gaierror) and fault.errno == socket.EAI_AGAIN
    return "unreachable" if is_passing else "name-unknown"


def _is_late(fault: BaseException, until: float) -> bool:
    return isinstance(fault, TimeoutError) or time.monotonic() >= until - 0.05


def _shut(plain: socket.socket) -> None:
    try:
        plain.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It was closed in the meantime, which is just as well.
        return
