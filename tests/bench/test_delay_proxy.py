"""The proxy that makes a server far away delays what it passes on, and changes nothing else about it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bench.delay_proxy import MOST_UNDER_WAY, far_away

MS, WAY_S, ROUND_S = 80, 0.040, 0.080
LATE_S = 0.060  # How late this machine may be at everything.
Serving = Callable[[socket.socket], None]


@contextmanager
def server(serve: Serving, round_trip_ms: float = MS) -> Iterator[socket.socket]:
    """Serve one connection in a thread, and give the client's end of it, with the proxy in between."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with listener.accept()[0] as peer:
                serve(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        with far_away(listener.getsockname()[1], round_trip_ms) as port:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                yield client
            thread.join(10)


def echo(peer: socket.socket) -> None:
    peer.sendall(b"!")
    while octets := peer.recv(65536):
        peer.sendall(octets)


def read(client: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count and (more := client.recv(1 << 20)):
        octets += more
    return octets


def test_each_direction_takes_half_the_round_trip() -> None:
    arrived: list[float] = []

    def serve(peer: socket.socket) -> None:
        peer.sendall(b"!")
        for _ in range(5):
            peer.recv(1)
            arrived.append(time.monotonic())
            peer.sendall(b".")

    there, back = [], []
    with server(serve) as client:
        read(client, 1)
        for place in range(5):
            asked_at = time.monotonic()
            client.sendall(b"?")
            read(client, 1)
            there.append(arrived[place] - asked_at)
            back.append(time.monotonic() - arrived[place])
    assert WAY_S <= min(there) < WAY_S + LATE_S
    assert WAY_S <= min(back) < WAY_S + LATE_S


def test_a_greeting_comes_after_two_round_trips() -> None:
    asked_at = time.monotonic()
    with server(echo) as client:
        connected_at = time.monotonic()
        read(client, 1)
        assert time.monotonic() - asked_at >= 2 * ROUND_S
        assert time.monotonic() - connected_at < 2 * ROUND_S + 10 * LATE_S


def test_many_are_under_way_at_once_and_keep_their_order() -> None:
    questions = [b"%07d," % number for number in range(100)]
    with server(echo) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        read(client, 1)
        begun = time.monotonic()
        for question in questions:
            client.sendall(question)
        assert read(client, 800) == b"".join(questions)
        assert time.monotonic() - begun < 20 * ROUND_S  # One by one it were a hundred.


def test_it_does_not_limit_how_much_passes() -> None:
    octets = bytes(range(256)) * 4 * 8192
    counted = threading.Event()

    def serve(peer: socket.socket) -> None:
        assert read(peer, len(octets)) == octets
        counted.set()

    with server(serve) as client:
        begun = time.monotonic()
        client.sendall(octets)
        assert counted.wait(10)
        assert time.monotonic() - begun < 2  # In turn, 64 KB each, it were five seconds and more.


def test_one_direction_ends_before_the_other() -> None:
    heard: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        while octets := peer.recv(100):
            heard.append(octets)
        peer.sendall(b"all heard")

    with server(serve) as client:
        client.sendall(b"my last words")
        client.shutdown(socket.SHUT_WR)
        assert read(client, 100) == b"all heard"
        assert client.recv(1) == b""
    assert b"".join(heard) == b"my last words"


@pytest.mark.parametrize("words", [b"", b"good-bye"])
def test_the_end_of_a_connection_is_passed_on_behind_its_last_octets(words: bytes) -> None:
    heard: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        while octets := peer.recv(100):
            heard.append(octets)

    with server(serve) as client:
        client.sendall(words)
        client.close()
    assert b"".join(heard) == words


def test_a_sender_who_is_far_ahead_has_to_wait() -> None:
    sent = 0
    with (
        socket.create_server(("127.0.0.1", 0)) as held,
        far_away(held.getsockname()[1], 60_000) as port,
        socket.create_connection(("127.0.0.1", port), timeout=2) as client,
        pytest.raises(TimeoutError),
    ):
        while sent < 4 * MOST_UNDER_WAY:
            sent += client.send(bytes(1 << 20))
    assert MOST_UNDER_WAY / 2 < sent < 2 * MOST_UNDER_WAY


def test_where_nobody_listens_the_connection_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        nobody = held.getsockname()[1]
    with far_away(nobody, 1) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        assert client.recv(1) == b""
