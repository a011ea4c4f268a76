"""Each step of a dialogue has a wait of its own, which ends it and decides its message (RFC 5321 4.5.3.2)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from newsletter_app.kernel.clock import utc_now
from newsletter_app.mail.accounts import Account
from newsletter_app.mail.connection import Timeouts
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport, Trouble
from newsletter_app.mail.transport import Outcome, Parcel
from tests.fakes.smtp_server import SmtpServerProcess

# One step's wait is short, all others are so long that a test which meets one of them is stopped before.
SHORT_S, LONG_S, STOPPED_S = 0.3, 60.0, 6.0
LONG = Timeouts(connect=LONG_S, command=LONG_S, data=LONG_S, block=LONG_S, dot=LONG_S, quit=LONG_S, grace=0.1)
GREETED = b"220 hi\r\n", b"250-hi\r\n250 PIPELINING\r\n", b"250 a\r\n250 b\r\n354 go\r\n"


class Step(NamedTuple):
    """A step at which the server falls silent, the wait that holds, and what becomes of messages 1 and 2."""

    wait: str
    script: dict[str, Any]
    fates: dict[int, str]
    trouble: Trouble | None = None


PUT_OFF = {1: "deferred", 2: "accepted"}
STEPS = {
    "greeting": Step("connect", {"@server": {"greeting": "hang"}}, {1: "deferred"}, Trouble.timed_out),
    "EHLO": Step("connect", {"@server": {"ehlo": "hang"}}, {1: "deferred"}, Trouble.timed_out),
    "MAIL": Step("command", {"b-r1@": {"mail": "hang"}}, PUT_OFF),
    "RCPT": Step("command", {"r1@": {"rcpt": "hang"}}, PUT_OFF),
    "DATA": Step("data", {"r1@": {"data": "hang"}}, PUT_OFF),
    # The second message's commands stand behind the first one's final dot, its body does not.
    "dot": Step("dot", {"r1@": {"dot": "hang"}}, {1: "uncertain", 2: "unsent"}),
    "QUIT": Step("quit", {"@server": {"quit": "hang"}}, {1: "accepted", 2: "accepted"}),
}
ONE_BY_ONE = {"dot": {1: "uncertain", 2: "accepted"}}


def parcel(number: int, text: bytes = b"Hello.\r\n") -> Parcel:
    message = b"Message-ID: <%d@b.example>\r\nTo: r%d@example.org\r\n\r\n" % (number, number) + text
    return Parcel(f"d:1:{number}", 9, f"b-r{number}@b.example", f"r{number}@example.org", message)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give a journal."""
    with closing(Journal.open(tmp_path / "journal", 1, "mail-1", utc_now())) as journal:
        yield journal


@contextmanager
def impatient(port: int, wait: str, limit: int = 100) -> Iterator[SmtpTransport]:
    """Give a transport over one connection that waits for this step alone no longer than a moment."""
    timeouts = replace(LONG, **{wait: SHORT_S})
    server = SmtpServer("127.0.0.1", port, "none")
    with closing(
        SmtpTransport(server, "b.example", utc_now, timeouts=timeouts, messages_per_connection=limit)
    ) as transport:
        yield transport


def hand_over(transport: SmtpTransport, journal: Journal, *parcels: Parcel) -> tuple[dict[int, str], float]:
    """Hand these over; return what became of each and how many seconds it took."""
    begun = time.monotonic()
    outcomes = transport.hand_over(parcels, journal, lambda: time.monotonic() - begun > STOPPED_S)
    return {number_of(one): one.result.value for one in outcomes}, time.monotonic() - begun


def number_of(outcome: Outcome) -> int:
    return int(outcome.key.rpartition(":")[2])


def test_the_usual_waits_are_those_of_the_rfc() -> None:  # M16
    usual = Timeouts()
    assert (usual.connect, usual.command, usual.data, usual.block, usual.dot) == (300, 300, 120, 180, 600)
    assert usual.grace == 8


@pytest.mark.parametrize("options", [(), ("--no-pipelining",)], ids=["pipelined", "one-by-one"])
@pytest.mark.parametrize("name", STEPS)
def test_silence_ends_the_step_and_decides_its_message(
    tmp_path: Path, journal: Journal, name: str, options: tuple[str, ...]
) -> None:  # M16
    step = STEPS[name]
    with SmtpServerProcess(tmp_path, step.script, "--keep", "", *options) as server:
        limit = 1 if name == "QUIT" else 100
        with impatient(server.port, step.wait, limit) as transport:
            fates, seconds = hand_over(transport, journal, parcel(1), parcel(2))
            assert transport.trouble is step.trouble
        assert SHORT_S <= seconds < STOPPED_S
        assert fates == (ONE_BY_ONE.get(name, step.fates) if options else step.fates)
        assert server.violations() == []


def test_a_server_that_does_not_take_a_connection_is_left(journal: Journal) -> None:  # M16
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # Whoever comes behind the one that waits to be accepted is not answered at all.
        stack.enter_context(socket.create_connection(listener.getsockname()))
        transport = stack.enter_context(impatient(listener.getsockname()[1], "connect"))
        fates, seconds = hand_over(transport, journal, parcel(1))
        assert transport.trouble is Trouble.timed_out
    assert SHORT_S <= seconds < STOPPED_S
    assert fates == {1: "deferred"}


def test_a_block_that_is_not_taken_ends_the_message(journal: Journal) -> None:  # M16
    done = threading.Event()

    def take_no_body(peer: socket.socket) -> None:
        for words in GREETED:
            peer.sendall(words)
            peer.recv(1000) if words != GREETED[-1] else done.wait(30)

    huge = parcel(1, (b"x" * 76 + b"\r\n") * 400_000)
    with serving(take_no_body) as port, impatient(port, "block") as transport:
        fates, seconds = hand_over(transport, journal, huge)
        done.set()
    assert SHORT_S <= seconds < STOPPED_S
    assert fates == {1: "deferred"}  # Its final dot never left.
    assert Account(journal.path).fates() == {}


def test_a_reply_that_comes_in_drops_is_waited_for_no_longer(journal: Journal) -> None:  # M16
    done = threading.Event()

    def drip(peer: socket.socket) -> None:
        for words in GREETED:
            peer.sendall(words)
            peer.recv(1000)
        while not done.wait(0.1):
            peer.sendall(b"2")

    with serving(drip) as port, impatient(port, "dot") as transport:
        fates, seconds = hand_over(transport, journal, parcel(1))
        done.set()
    assert SHORT_S <= seconds < STOPPED_S
    assert fates == {1: "uncertain"}


@contextmanager
def serving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve one connection in a thread; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with listener.accept()[0] as peer:
                serve(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30)
