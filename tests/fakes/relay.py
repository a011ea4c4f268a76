"""A relay before a TCP server: it breaks at a word of the client's, and refuses until it is mended."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread


class Relay:
    """Passes octets between clients and the server at ``port``, and breaks once it hears ``word``."""

    def __init__(self, port: int, word: bytes) -> None:
        """Listen on a port of its own."""
        self._server_port, self._word = port, word
        self._open: list[socket.socket] = []
        self._threads: list[Thread] = []
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Listen, now or again, on the same port, until the word is heard."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._begin(self._accept, self._listener)

    def close(self) -> None:
        """Refuse everybody, drop every connection and wait until all is quiet."""
        self._break()
        for thread in self._threads:
            thread.join(10)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._open += [client, server]
                self._begin(self._pass_on, client, server, True)
                self._begin(self._pass_on, server, client, False)

    def _pass_on(self, source: socket.socket, target: socket.socket, is_clients: bool) -> None:
        with suppress(OSError):
            while octets := source.recv(65536):
                if is_clients and self._word in octets:
                    self._break()
                target.sendall(octets)
        for end in (source, target):
            _end(end)

    def _break(self) -> None:
        _end(self._listener)
        for connection in self._open:
            _end(connection)

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        self._threads.append(Thread(target=work, args=arguments))
        self._threads[-1].start()


def _end(one: socket.socket) -> None:
    # What another thread waits in accept or recv for would not wake from a mere close.
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def relay(port: int, word: bytes) -> Iterator[Relay]:
    """Run a relay."""
    one = Relay(port, word)
    try:
        yield one
    finally:
        one.close()
