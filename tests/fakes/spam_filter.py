"""A spam filter's server, played on this machine: it says to each who comes what a test wants it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Place = tuple[str, int]


@contextmanager
def spam_filter(talk: Callable[[socket.socket], None]) -> Iterator[Place]:
    """Let ``talk`` speak with one client after the other, until the block ends; yield where to find it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                connection, _ = listening.accept()
                with connection:
                    if over.is_set():
                        return
                    talk(connection)

        over, place = threading.Event(), listening.getsockname()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield place
        finally:
            over.set()
            socket.create_connection(place).close()
            thread.join()


def read_all(connection: socket.socket) -> bytes:
    """Return all that the client sends."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    """Return what hears a client out and gives ``answer``."""

    def say(connection: socket.socket) -> None:
        read_all(connection)
        connection.sendall(answer)

    return say
