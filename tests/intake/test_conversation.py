"""The bounds in time of a conversation: nobody keeps a place by saying nothing, or nothing of worth."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

from newsletter_app.intake.conversation import Conversation
from newsletter_app.kernel.listening import Place


class Nobody:
    """A handler that is asked nothing."""


async def lasted(talk: bytes, *, idle_s: float, life_s: float) -> int:
    """Say ``talk`` again and again until the server hangs up; give how often it was answered."""
    among: set[Conversation] = set()

    def meet() -> Conversation:
        return Conversation(Nobody(), Place("smtp"), "mx.example.org", among, idle_s=idle_s, life_s=life_s)

    server = await asyncio.get_running_loop().create_server(meet, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    answers = 0
    # Who hangs up while something is on its way to them resets the connection.
    with suppress(ConnectionError):
        while await reader.readline():
            answers += 1
            if talk:
                writer.write(talk)
    with suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()
    assert not among
    return answers


@pytest.mark.parametrize(
    ("talk", "idle_s", "life_s"),
    [(b"", 0.05, 60), (b"MAIL FROM:<", 0.05, 60), (b"NOOP\r\n", 60, 0.2), (b"NONSENSE\r\n", 60, 60)],
)
def test_nobody_stays_for_ever(talk: bytes, idle_s: float, life_s: float) -> None:
    """Silence, half a command, commands without end, and words that are none."""  # M46

    async def bounded() -> int:
        return await asyncio.wait_for(lasted(talk, idle_s=idle_s, life_s=life_s), 5)

    assert asyncio.run(bounded()) >= 1


async def left_open(talk: bytes, *, life_s: float) -> int:
    """Say ``talk`` and read no answer, until the server can say no more; give how many places are held."""
    among: set[Conversation] = set()

    def meet() -> Conversation:
        return Conversation(Nobody(), Place("smtp"), "mx.example.org", among, life_s=life_s)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(meet, "127.0.0.1", 0)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, server.sockets[0].getsockname())
        with suppress(ConnectionError):
            while True:
                await loop.sock_sendall(deaf, talk)
        server.close()
        await server.wait_closed()
        return len(among)


def test_nobody_stays_by_reading_no_answer() -> None:
    """What was written and is not read would hold a connection that is closed in good order."""  # M46

    async def bounded() -> int:
        return await asyncio.wait_for(left_open(b"HELP\r\n" * 2000, life_s=0.5), 30)

    assert asyncio.run(bounded()) == 0
