"""Listening: opens the place, bounds how many converse at once, and ends them in good order."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from newsletter_app.intake.certificate import Certificate
from newsletter_app.intake.conversation import CLOSING, Conversation
from newsletter_app.intake.taking import Taking
from newsletter_app.kernel.hosts import is_loopback
from newsletter_app.kernel.listening import Place

# Each may hold a message of ten megabytes; Postfix opens no more than twenty to one place.
MOST: Final = 20
# Of one host elsewhere, so that four of them are needed to fill all places. A mail server in front, on this
# machine, hands over everything and may fill them.
MOST_OF_HOST: Final = 5
TOO_MANY: Final = b"421 4.7.0 Too many connections from your host, try again later\r\n"  # RFC 5321 3.8, 4.2.1
# What is being taken when the server is to leave has so long to end.
LEAVING_S: Final = 8.0
POLL_S: Final = 0.05


class Server:
    """The open place and who converses there."""

    def __init__(
        self,
        taking: Taking,
        place: Place,
        hostname: str,
        certificate: Certificate | None = None,
        *,
        is_house: Callable[[str], bool] = is_loopback,
    ) -> None:
        """Keep what a conversation needs; ``is_house`` tells which hosts may fill all places."""
        self._taking, self._place, self._hostname = taking, place, hostname
        self._certificate, self._is_house = certificate, is_house
        self._open: set[Conversation] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> Place:
        """Open the place and return it, with the port that was given for 0. Raises OSError."""
        loop, place = asyncio.get_running_loop(), self._place
        if place.path:
            self._server = await loop.create_unix_server(self._meet, place.path)
            # The mail server is another user: it comes in by the group of the folder (setgid).
            os.chmod(place.path, 0o660)
            return place
        self._server = await loop.create_server(self._meet, place.host, place.port)
        return Place(place.protocol, place.host, self._server.sockets[0].getsockname()[1])

    async def leave(self) -> None:
        """Let in nobody else, wait for what is being taken, and close."""
        if self._server is not None:
            self._server.close()
        until = asyncio.get_running_loop().time() + LEAVING_S
        for one in [one for one in self._open if not one.is_taking]:
            one.close()
        while any(one.is_taking for one in self._open) and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(POLL_S)
        for one in list(self._open):
            one.close()
        self._taking.close()
        # What was written leaves with the next turns of the loop.
        while self._open and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(POLL_S)
        if self._place.path:
            with suppress(FileNotFoundError):
                os.unlink(self._place.path)

    def _meet(self) -> asyncio.BaseProtocol:
        return _Door(self)

    def refusal(self, host: str) -> bytes | None:
        """Return what ``host`` is told where it has no place, None where it is let in."""
        if len(self._open) >= MOST:
            return CLOSING
        theirs = sum(one.host == host for one in self._open)
        return TOO_MANY if theirs >= MOST_OF_HOST and host and not self._is_house(host) else None

    def conversation(self, host: str) -> Conversation:
        """Return a conversation with ``host``, not begun."""
        tls = self._certificate.context() if self._certificate is not None else None
        return Conversation(self._taking, self._place, self._hostname, self._open, host=host, tls=tls)


class _Door(asyncio.Protocol):
    """Looks who comes: lets them in, or tells them to come again."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection to a conversation, or say why not and close."""
        if not isinstance(transport, asyncio.Transport):
            transport.close()
            return
        host = host_of(transport.get_extra_info("peername"))
        refusal = self._server.refusal(host)
        if refusal is not None:
            transport.write(refusal)
            transport.close()
            return
        conversation = self._server.conversation(host)
        transport.set_protocol(conversation)
        conversation.connection_made(transport)


def host_of(peer: object) -> str:
    """Return who it is: an address, of IPv6 the /64 that one customer has, "" at a socket of this machine."""
    if not isinstance(peer, tuple) or not peer:
        return ""
    address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False).network_address)
    return str(address)
