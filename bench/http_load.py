"""Requests over kept-alive connections as fast as they are answered, timed one by one; it knows no page.

One thread and plain sockets under asyncio, so that asking costs little beside answering.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

END_OF_HEADERS: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"
TIMEOUT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``form`` makes it a POST. ``visitor`` is the address that the proxy in front saw."""

    path: str
    visitor: str
    form: bytes | None = None

    def octets(self, host: str) -> bytes:
        """Return it as it travels, with what a browser and the proxy in front of us say."""
        method = "GET" if self.form is None else "POST"
        headers = {
            "Host": host,
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Accept-Language": "en-CA,en;q=0.8",
            "X-Forwarded-For": self.visitor,
            "Sec-Fetch-Site": "same-origin",
        }
        if self.form is not None:
            headers |= {
                "Origin": f"http://{host}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Content-Length": str(len(self.form)),
            }
        return _head(f"{method} {self.path} HTTP/1.1", headers) + (self.form or b"")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took from the first octet sent to the last one received."""

    status: int
    seconds: float
    octets: bytes


def ask(port: int, requests: Sequence[Request], connections: int) -> list[Answer]:
    """Send every request over so many connections to 127.0.0.1, each with one under way at a time.

    Returns the answers in the order of the requests. Raises ConnectionError when a connection is closed
    before its answer is whole, TimeoutError when one does not come: such a run tells nothing.
    """
    return asyncio.run(_ask_all(port, requests, connections))


async def _ask_all(port: int, requests: Sequence[Request], connections: int) -> list[Answer]:
    host = f"127.0.0.1:{port}"
    waiting = deque(enumerate(request.octets(host) for request in requests))
    answers: dict[int, Answer] = {}

    async def work() -> None:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
        while waiting:
            place, octets = waiting.popleft()
            answers[place] = await asyncio.wait_for(connection.ask(octets), TIMEOUT_S)
        connection.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return [answers[place] for place in range(len(requests))]


class _Connection(asyncio.Protocol):
    """One connection that carries one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._received = b""
        self._whole = 0
        self._answer: asyncio.Future[None] | None = None

    async def ask(self, octets: bytes) -> Answer:
        """Send a request and wait for its answer."""
        self._received, self._whole = b"", 0
        self._answer = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._transport.write(octets)
        await self._answer
        return Answer(int(self._received[9:12]), time.perf_counter() - began, self._received)

    def close(self) -> None:
        """Leave."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            self._whole = _whole_length(self._received)
        if self._whole and len(self._received) >= self._whole and self._answer and not self._answer.done():
            self._answer.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed before the answer was whole"))


def _whole_length(received: bytes) -> int:
    """Return how long the answer is with its headers, or 0 while they are not all there."""
    end = received.find(END_OF_HEADERS)
    if end < 0:
        return 0
    head = received[:end].lower()
    begins = head.index(LENGTH) + len(LENGTH)
    return end + len(END_OF_HEADERS) + int(head[begins:].split(b"\r\n", 1)[0])


def _head(first: str, headers: Mapping[str, str]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii")
