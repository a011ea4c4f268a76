"""A web server of the outside, played on this machine: answers by path, and counts what it is asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsletter_app.adapters.fetching import Fetcher

PUBLIC = "93.184.216.34"


@dataclass
class WebServer:
    """The server, the names it is known by, and the requests it had as (method, host, path)."""

    port: int = 0
    names: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    talk: Callable[[socket.socket], None] | None = None

    def fetcher(self, *, seconds: float = 5.0, tls: ssl.SSLContext | None = None) -> Fetcher:
        """Give a fetcher that resolves names by ``names`` and is led here, whatever it connects to."""
        return Fetcher(resolve=self._resolve, connect=self._connect, seconds=seconds, tls=tls)

    def _resolve(self, host: str, port: int) -> list[str]:
        if host not in self.names:
            raise OSError(f"no such name: {host}")
        return self.names[host]

    def _connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout)


def self_signed(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for ``name`` that vouches for itself; give its file and a context with it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate = folder / "certificate.pem"
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, folder / "key.pem")
    return certificate, context


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Run a server until the block ends; its names all resolve to a public address at first."""
    played = WebServer(names={"pictures.example": [PUBLIC], "other.example": [PUBLIC]})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            played.asked.append((self.command, self.headers["Host"], self.path))
            played.headers.append(dict(self.headers))
            if played.talk is not None:
                played.talk(self.connection)
                self.close_connection = True
                return
            status, headers, body = played.answers.get(f"{self.command} {self.path}") or played.answers.get(
                self.path, (404, {}, b"")
            )
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_arguments: None
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    played.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
