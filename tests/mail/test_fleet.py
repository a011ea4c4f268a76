"""Several servers as one way out, over real sockets: weights, fail-over, rests; nobody twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from newsletter_app.kernel.clock import utc_now
from newsletter_app.mail.connection import Timeouts
from newsletter_app.mail.fleet import Failure, Fleet
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import SmtpServer, Trouble
from newsletter_app.mail.smtp import SmtpTransport
from newsletter_app.mail.transport import Outcome, Parcel, Result
from tests.fakes.smtp_server import SmtpServerProcess

SHORT = Timeouts(connect=0.8, command=0.8, data=0.8, block=0.8, dot=0.8, quit=0.8, grace=0.8)


@dataclass
class Port:
    """A fleet over scripted servers, with a watch that a test sets and a note of every failure."""

    stack: ExitStack
    folder: Path
    journal: Journal
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    servers: list[SmtpServerProcess] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def serve(self, script: dict[str, Any] | None = None, *options: str) -> SmtpServerProcess:
        """Start one more server."""
        folder = self.folder / f"server-{len(self.servers)}"
        folder.mkdir()
        server = SmtpServerProcess(folder, script, *options)
        server.start()
        self.stack.callback(server.stop)
        self.servers.append(server)
        return server

    def fleet(self, *weights: int, user: str = "", connections: int = 2) -> Fleet:
        """Return a fleet over the servers started so far; ``user`` logs in at the first."""
        ways = []
        for place, (server, weight) in enumerate(zip(self.servers, weights, strict=True)):
            login = user if place == 0 else ""
            where = SmtpServer("127.0.0.1", server.port, "none", login, "wrong" if login else "", weight)
            ways.append(SmtpTransport(where, "mail.b.example", utc_now, connections, SHORT))
        fleet = Fleet(ways, self.failures.append, seconds=lambda: self.seconds, dice=lambda: 0.5)
        self.stack.enter_context(closing(fleet))
        return fleet

    def send(self, fleet: Fleet, many: int) -> list[Outcome]:
        """Hand over the next ``many`` parcels at once."""
        numbers = [next(self.numbers) for _ in range(many)]
        return list(fleet.hand_over(map(parcel, numbers), self.journal, never))


def parcel(number: int) -> Parcel:
    message = b"Message-ID: <%d@b.example>\r\n\r\nHello.\r\n" % number
    return Parcel(f"d:1:{number}", 9, f"b-r{number}@b.example", f"r{number}@example.org", message)


def never() -> bool:
    return False


def taken_by(server: SmtpServerProcess) -> list[str]:
    return [line["recipient"] for line in server.account()]


def name_of(server: SmtpServerProcess) -> str:
    return f"127.0.0.1:{server.port}"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    with ExitStack() as stack:
        journal = Journal.open(tmp_path / "journal", 1, "mail-1", utc_now())
        stack.callback(journal.close)
        yield Port(stack, tmp_path, journal)


def test_servers_share_by_weight(port: Port) -> None:
    """Four hundred messages in hand-overs of uneven size, three to one within 5 %."""
    one, other = port.serve(), port.serve()
    fleet = port.fleet(3, 1)
    outcomes = [outcome for size in [7, 13, 4, 16] * 10 for outcome in port.send(fleet, size)]
    shares = Counter(outcome.server for outcome in outcomes)
    assert abs(shares[name_of(one)] - 300) <= 0.05 * 400
    assert shares == {name_of(server): len(taken_by(server)) for server in (one, other)}
    assert {outcome.result for outcome in outcomes} == {Result.accepted}
    assert port.failures == []


def test_who_was_chosen_before_the_claim_takes_the_hand_over(port: Port) -> None:
    """Asked twice, it is the same; shunned, it is the other."""
    port.serve(), port.serve()
    fleet = port.fleet(1, 1)
    for _ in range(4):
        chosen = fleet.next_server()
        assert fleet.next_server() == chosen
        assert {outcome.server for outcome in port.send(fleet, 3)} == {chosen}
    first, second = fleet.servers
    assert fleet.next_server({first}) == second
    assert fleet.next_server({first, second}) is None


def test_a_server_that_refuses_the_login_costs_nobody_an_attempt(port: Port) -> None:
    """What was in hand for it is unsent, and the other takes everything."""
    refusing, other = port.serve(None, "--auth", "user:right"), port.serve()
    fleet = port.fleet(5, 1, user="user")
    first = port.send(fleet, 10)
    assert {outcome.result for outcome in first} == {Result.unsent}
    assert [(one.server, one.trouble, one.in_a_row) for one in port.failures] == [
        (name_of(refusing), Trouble.login_refused, 1)
    ]
    assert port.failures[0].reply
    assert port.failures[0].reply.code == 535
    assert {outcome.server for _ in range(5) for outcome in port.send(fleet, 10)} == {name_of(other)}
    assert len(taken_by(other)) == 50
    assert taken_by(refusing) == []


def test_with_no_other_server_what_is_in_hand_is_put_off(port: Port) -> None:
    """Two that nobody answers at: the second's few count an attempt, and then nobody is asked any more."""
    for server in (port.serve(), port.serve()):
        server.stop()
    fleet = port.fleet(1, 1)
    assert {outcome.result for outcome in port.send(fleet, 10)} == {Result.unsent}
    assert {outcome.result for outcome in port.send(fleet, 10)} == {Result.deferred}
    assert fleet.next_server() is None
    assert port.send(fleet, 10) == []


def test_rests_grow_and_end_with_the_first_success(port: Port) -> None:
    """Five seconds, ten, twenty … at most five minutes; then it begins anew."""
    server = port.serve()
    server.stop()
    fleet, rests = port.fleet(1), []
    for _ in range(9):
        port.send(fleet, 1)
        begun = port.seconds
        while fleet.next_server() is None:
            port.seconds += 2.5
        rests.append(port.seconds - begun)
    assert rests == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert [one.in_a_row for one in port.failures] == list(range(1, 10))
    server.start()
    assert [outcome.result for outcome in port.send(fleet, 1)] == [Result.accepted]
    server.stop()
    port.send(fleet, 1)
    assert port.failures[-1].in_a_row == 1


def test_a_server_that_keeps_closing_rests_for_longer_each_time(port: Port) -> None:
    """A 421 is no success."""
    port.serve({"": {"mail": "421 4.7.0 too fast"}})
    fleet = port.fleet(1, connections=1)
    for _ in range(3):
        port.send(fleet, 10)
        port.seconds += 1000
    assert [(one.trouble, one.in_a_row) for one in port.failures] == [
        (Trouble.keeps_closing, number) for number in (1, 2, 3)
    ]


def test_one_of_two_dies_in_mid_campaign(port: Port) -> None:  # M17, M18
    """The other takes the rest; nobody is lost, nobody is mailed twice, what is uncertain stays so."""
    dying = port.serve({"r30@": {"dot": "accept-then-drop", "times": 1}})
    other = port.serve({"r50@": {"dot": "accept-then-drop", "times": 1}})
    fleet = port.fleet(1, 1)
    waiting, taken, uncertain = list(range(400)), set[int](), set[int]()
    while waiting:
        batch, waiting = waiting[:40], waiting[40:]
        pulled: list[int] = []

        def source(batch: list[int] = batch, pulled: list[int] = pulled) -> Iterator[Parcel]:
            for number in batch:
                pulled.append(number)
                yield parcel(number)

        for outcome in fleet.hand_over(source(), port.journal, never):
            number = int(outcome.key[4:])
            if outcome.result is Result.accepted:
                taken.add(number)
            elif outcome.result is Result.uncertain:
                uncertain.add(number)
            else:
                waiting.append(number)  # As whoever claims finds it: queued again, or due later.
            if len(taken) == 130:
                dying.kill()
        waiting += [number for number in batch if number not in pulled]
    everybody = taken_by(dying) + taken_by(other)
    assert len(everybody) == len(set(everybody))
    assert taken | uncertain == set(range(400))
    assert {f"r{number}@example.org" for number in taken} <= set(everybody)
    assert uncertain >= {30, 50}
    assert len(uncertain) <= 2 + 2  # At most one per connection that died.
    assert len(taken_by(other)) > 200
    assert {one.server for one in port.failures} == {name_of(dying)}
