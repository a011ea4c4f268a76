"""Ringing a broker that is well, that refuses, and that says nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsletter_app.adapters.celery_ring import QUIET_S, CeleryRinger
from newsletter_app.kernel.rings import Ring

RING = Ring("send_shard", (7, 3))


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        """Begin at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@contextmanager
def silent_broker() -> Iterator[tuple[str, socket.socket]]:
    """Listen and never answer, as a stopped broker does."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        server.settimeout(0.05)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0", server


def refusing_broker() -> str:
    """Return the address of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def knocks(server: socket.socket) -> int:
    """Return how many connections came since last asked."""
    count = 0
    while True:
        try:
            connection, _ = server.accept()
        except TimeoutError:
            return count
        connection.close()
        count += 1


def test_a_silent_broker_costs_a_blink_and_is_left_alone_for_five_seconds() -> None:
    """No exception, well under a second; then nothing at all; then one more try."""
    seconds = Seconds()
    with silent_broker() as (url, server):
        ringer = CeleryRinger(url, monotonic=seconds)
        begun = time.monotonic()
        ringer(RING)
        assert time.monotonic() - begun < 1.5
        assert knocks(server) >= 1
        seconds.now = QUIET_S - 0.1
        ringer(RING)
        assert knocks(server) == 0
        seconds.now = QUIET_S + 0.1
        ringer(RING)
        assert knocks(server) >= 1


def test_a_refusing_broker_costs_nothing_to_speak_of() -> None:
    """Neither an exception nor a second."""
    begun = time.monotonic()
    CeleryRinger(refusing_broker())(RING)
    assert time.monotonic() - begun < 1.0


def test_a_job_nobody_knows_is_a_mistake_of_ours() -> None:
    """It would wait in no queue."""
    with pytest.raises(KeyError):
        CeleryRinger(refusing_broker())(Ring("no_such_job"))
