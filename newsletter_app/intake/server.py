"""Listening: opens the place, bounds how many converse at once, and ends them in good order."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Final

from newsletter_app.intake.conversation import CLOSING, Conversation
from newsletter_app.intake.taking import Taking
from newsletter_app.kernel.listening import Place

# Each may hold a message of ten megabytes; Postfix opens no more than twenty to one place.
MOST: Final = 20
# What is being taken when the server is to leave has so long to end.
LEAVING_S: Final = 8.0
POLL_S: Final = 0.05


class Server:
    """The open place and who converses there."""

    def __init__(self, taking: Taking, place: Place, hostname: str) -> None:
        """Keep what a conversation needs."""
        self._taking, self._place, self._hostname = taking, place, hostname
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
        if len(self._open) >= MOST:
            return _Full()
        return Conversation(self._taking, self._place, self._hostname, self._open)


class _Full(asyncio.Protocol):
    """Whom there is no place for is told to come again."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so and close."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(CLOSING)
            transport.close()
