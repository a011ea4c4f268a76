"""A server made far away: a TCP proxy that delays every octet, and limits how many there are by nothing else.

    python -m bench.delay_proxy --to PORT --ms 50

It prints "listening PORT" and passes connections to 127.0.0.1 on to PORT. ``--ms`` is the *round trip*: each
direction is delayed by half of it. Opening takes as long as TCP's own handshake would: the server hears of a
connection one and a half round trips after it was asked for, so that its greeting is there after two.

Octets wait with the time at which they are due, so that many are under way at once and the rate is that of
loopback; order is kept, and so are the end of one direction (half-close) and of the whole connection. Of what
one direction holds more than ``MOST_UNDER_WAY`` is left with the sender, as a full window would. The event
loop wakes by whole milliseconds, hence each direction is up to one late.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
MOST_UNDER_WAY: Final = 16 * 1024 * 1024  # Octets: at 25 ms one way more than 600 MB a second.
HANDSHAKE: Final = 3  # One-way journeys until a server knows that a connection stands.
END: Final = b""


class Line(asyncio.Protocol):
    """One end of a connection; what arrives here is due at the other end ``delay_s`` later."""

    def __init__(self, delay_s: float) -> None:
        """Wait for its connection and for the other end (see ``join``)."""
        self.delay_s = delay_s
        self.transport: asyncio.Transport | None = None
        self._other: Line | None = None
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._held = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_crowded = False  # The other end's socket takes no more just now.
        self._has_ended = False  # What came from here was all passed on.
        self._is_lost = False

    def join(self, other: Line) -> None:
        """Pass what arrives here to ``other`` from now on, what has arrived included."""
        self._other = other
        self._wake_when_due()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Let octets wait; a sender that is far ahead has to wait itself."""
        self._held += len(data)
        if self._held > MOST_UNDER_WAY and self.transport:
            self.transport.pause_reading()
        self._put(data)

    def eof_received(self) -> bool:
        """Let the end of this direction wait its turn; the other direction stays open."""
        self._put(END)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the other end learn of it, when it is due."""
        self._is_lost = True
        self._put(END)

    def pause_writing(self) -> None:
        """Have the other end keep what it holds for us."""
        if self._other:
            self._other.crowd(True)

    def resume_writing(self) -> None:
        """Take from the other end again."""
        if self._other:
            self._other.crowd(False)

    def crowd(self, is_crowded: bool) -> None:
        """Hear that the other end's socket is full, or that it has room again."""
        self._is_crowded = is_crowded
        self._wake_when_due()

    def cut(self) -> None:
        """End this connection without another word."""
        if self.transport:
            self.transport.abort()

    def _put(self, data: bytes) -> None:
        self._waiting.append((asyncio.get_running_loop().time() + self.delay_s, data))
        self._wake_when_due()

    def _wake_when_due(self) -> None:
        if self._waiting and self._other and not (self._timer or self._is_crowded):
            self._timer = asyncio.get_running_loop().call_at(self._waiting[0][0], self._deliver)

    def _deliver(self) -> None:
        """Pass on everything that is due."""
        self._timer = None
        now, due = asyncio.get_running_loop().time(), []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(self._waiting.popleft()[1])
        self._pass_on(b"".join(due))
        if END in due:
            self._end()
        self._wake_when_due()

    def _pass_on(self, octets: bytes) -> None:
        assert self._other
        self._held -= len(octets)
        if octets and self._other.transport and not self._other._is_lost:
            self._other.transport.write(octets)
        if self.transport and self._held <= MOST_UNDER_WAY // 2:
            self.transport.resume_reading()

    def _end(self) -> None:
        """End the direction that leads from here; both ended, or one end gone, all is closed."""
        other = self._other
        if other is None or self.transport is None or other.transport is None:
            return
        if self._is_lost or other._has_ended:
            self.transport.close()
            other.transport.close()
        elif not other._is_lost:
            with suppress(OSError):  # It was reset, and is about to hear of that.
                other.transport.write_eof()
        self._has_ended = True


async def _join(near: Line, port: int) -> None:
    """Reach the server for ``near``, as late as a real one would hear of it."""
    await asyncio.sleep(HANDSHAKE * near.delay_s)
    try:
        _, far = await asyncio.get_running_loop().create_connection(
            lambda: Line(near.delay_s), "127.0.0.1", port
        )
    except OSError:
        near.cut()
        return
    far.join(near)
    near.join(far)


async def serve(port: int, round_trip_ms: float) -> None:
    """Serve until SIGTERM, and say at the beginning where."""
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def accept() -> Line:
        near = Line(round_trip_ms / 2000)
        task = loop.create_task(_join(near, port))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return near

    server, stopped = await loop.create_server(accept, "127.0.0.1", 0, backlog=1000), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()
    server.close()


@contextmanager
def far_away(port: int, round_trip_ms: float) -> Iterator[int]:
    """Run a proxy to ``port`` as a process of its own until the block ends; give its port."""
    command = [sys.executable, "-m", "bench.delay_proxy", "--to", str(port), "--ms", str(round_trip_ms)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline().split()[1])
        finally:
            process.terminate()


def main() -> None:
    """Serve as the command line says."""
    options = argparse.ArgumentParser(prog="python -m bench.delay_proxy")
    options.add_argument("--to", type=int, required=True, metavar="PORT", help="the server's, on 127.0.0.1")
    options.add_argument("--ms", type=float, default=50, help="the round trip (%(default)s)")
    chosen = options.parse_args()
    asyncio.run(serve(chosen.to, chosen.ms))


if __name__ == "__main__":
    main()
