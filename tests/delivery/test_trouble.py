"""Servers and domains that refuse everything in mid-campaign: little is burnt, the rest waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select, update

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery, Kind, begin_probes, keep_in_step, retry, send_probe
from newsletter_app.ledger import Breaker, Office, State, Watch, open_breakers
from newsletter_app.ledger.breaker_rules import FAULTS, PROBE_LEASE, PROBE_PAUSES, REFUSALS
from newsletter_app.mail.fleet import Fleet
from newsletter_app.mail.opening import SmtpServer
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.smtp import SmtpTransport
from newsletter_app.subscriptions import Subscription
from tests.delivery.conftest import World
from tests.fakes.smtp_server import SmtpServerProcess
from tests.fakes.transports import BUSY, NO_SUCH_PERSON, OK, POLICY, SERVER, ScriptedTransport

# Five, so that every shard has readers of each.
DOMAINS = ("one.example", "two.example", "three.example", "four.example", "five.example")
READERS = 60
THEIRS = READERS // len(DOMAINS)


class Moods(ScriptedTransport):
    """A server that answers by its mood, or by the reader's domain."""

    mood: Reply | None = OK
    by_domain: dict[str, Reply]

    def __init__(self, world: World, mood: Reply | None, **by_domain: Reply) -> None:
        super().__init__(world.clock)
        self.by_domain = {f"{name}.example": reply for name, reply in by_domain.items()}
        self.mood = mood
        self.before = lambda parcel: self._answer(parcel.recipient)

    def _answer(self, recipient: str) -> None:
        answer = self.by_domain.get(recipient.partition("@")[2], self.mood)
        self.answers[recipient] = [answer]


@pytest.fixture
def launched(world: World) -> World:
    """Give a world whose campaign of many readers at four domains was just planned."""
    world.launched(READERS, DOMAINS)
    return world


def open_office(world: World, transport: ScriptedTransport) -> Office:
    return world.office(transport, Watch([SERVER]))


def states(world: World) -> Counter[str]:
    with world.unit_of_work() as session:
        return Counter(session.scalars(select(Delivery.state)))


def tick(world: World) -> list[int]:
    """Keep the campaign in step, and begin the probes that are due."""
    with world.unit_of_work() as session:
        keep_in_step(session, [SERVER], world.clock())
        return begin_probes(session, world.clock(), lambda: 0.5)


def probe(world: World, office: Office) -> bool | None:
    """Let the next probe's time come, and send it."""
    with world.unit_of_work() as session:
        world.clock.now = max(one.probe_at for one in open_breakers(session) if one.probe_at)
    (breaker_id,) = tick(world)
    return send_probe(breaker_id, office=office, outfit=world.outfit, stop=lambda: False, dice=lambda: 0.5)


def breaker(world: World) -> Breaker | None:
    with world.unit_of_work() as session:
        return session.scalars(select(Breaker)).one_or_none()


@pytest.mark.parametrize("mood", [POLICY, BUSY, None])
def test_a_refusing_server_burns_twenty_rows_and_no_more(launched: World, mood: Reply | None) -> None:
    """The others stay as they were: queued, never tried; and the campaign says why it is paused."""  # M40
    transport = Moods(launched, mood)
    office = open_office(launched, transport)
    for _ in range(3):
        launched.send(office)
        launched.clock.move(seconds=30)
    assert len(transport.taken) == REFUSALS
    assert states(launched)["queued"] == READERS - REFUSALS
    with launched.unit_of_work() as session:
        untried = session.execute(
            select(Delivery.attempts, Delivery.first_attempt_at)
            .where(Delivery.state == State.queued)
            .distinct()
        ).all()
        assert [tuple(row) for row in untried] == [(0, None)]
    tick(launched)
    assert launched.campaign_state() == "paused"


def test_a_probe_that_is_taken_lets_everybody_go(launched: World) -> None:
    """One message, to one reader; then the rest, each once."""
    transport = Moods(launched, POLICY)
    office = open_office(launched, transport)
    launched.send(office)
    tick(launched)
    transport.mood = OK
    assert probe(launched, office) is True
    assert len(transport.taken) == REFUSALS + 1
    assert breaker(launched) is None
    tick(launched)
    launched.plan()
    launched.clock.move(seconds=1)
    launched.send(office)
    assert states(launched) == {"accepted": READERS - REFUSALS, "refused": REFUSALS}
    assert len({parcel.key for parcel in transport.taken}) == len(transport.taken) == READERS
    assert launched.campaign_state() == "finished"


def test_a_probe_that_is_refused_waits_for_longer(launched: World) -> None:
    """Each takes one reader's row, and the campaign stays paused."""
    transport = Moods(launched, POLICY)
    office = open_office(launched, transport)
    launched.send(office)
    tick(launched)
    pauses = []
    for _ in range(3):
        assert probe(launched, office) is False
        found = breaker(launched)
        assert found
        assert found.probe_at
        pauses.append(found.probe_at - launched.clock())
    assert pauses == list(PROBE_PAUSES[1:4])
    assert len(transport.taken) == REFUSALS + 3
    assert launched.campaign_state() == "paused"


def test_a_probe_nobody_answers_for_leaves_it_half_open(launched: World) -> None:
    """Its reader stopped, or its process died: another one begins when its two minutes are over."""
    transport = Moods(launched, POLICY)
    office = open_office(launched, transport)
    launched.send(office)
    with launched.unit_of_work() as session:
        session.execute(update(Subscription).values(state="ended"))
    assert probe(launched, office) is None
    assert len(transport.taken) == REFUSALS
    found = breaker(launched)
    assert found
    assert (found.state, found.probes) == ("half-open", 0)
    assert tick(launched) == []
    launched.clock.now += PROBE_LEASE
    assert tick(launched) == [found.id]


def test_a_probe_is_no_way_round_a_persons_pause(launched: World) -> None:
    """Nothing of a campaign that staff paused is sent."""
    transport = Moods(launched, POLICY)
    office = open_office(launched, transport)
    launched.send(office)
    tick(launched)
    with launched.unit_of_work() as session:
        (found,) = open_breakers(session)
        launched.clock.now += PROBE_PAUSES[0]
    (breaker_id,) = tick(launched)
    with launched.unit_of_work() as session:
        session.execute(update(Campaign).values(paused_by="staff"))
    assert breaker_id == found.id
    told = send_probe(breaker_id, office=office, outfit=launched.outfit, stop=lambda: False, dice=lambda: 0.5)
    assert told is None
    assert len(transport.taken) == REFUSALS


def test_a_refusing_domain_waits_and_nobody_else_does(launched: World) -> None:
    """A handful is burnt; the others get their mail, the domain's readers once it takes mail again."""  # M40
    transport = Moods(launched, OK, two=POLICY)
    office = open_office(launched, transport)
    for _ in range(3):
        launched.send(office)
        launched.clock.move(seconds=61)
    waiting = THEIRS - FAULTS
    assert states(launched) == {"accepted": READERS - THEIRS, "refused": FAULTS, "queued": waiting}
    assert launched.campaign_state() == "sending"
    assert probe(launched, office) is False
    transport.by_domain.clear()
    assert probe(launched, office) is True
    launched.send(office)
    assert states(launched) == {"accepted": READERS - FAULTS - 1, "refused": FAULTS + 1}
    assert launched.campaign_state() == "finished"


def test_a_person_who_has_it_tried_again_ends_the_hold(launched: World) -> None:
    """They say that its cause is gone: the refused and the waiting get their mail, without a probe."""
    transport = Moods(launched, OK, two=POLICY)
    office = open_office(launched, transport)
    launched.send(office)
    transport.by_domain.clear()
    launched.clock.move(seconds=2)
    with launched.unit_of_work() as session:
        campaign = session.get_one(Campaign, launched.campaign_id)
        assert retry(session, campaign, [Kind.refused], launched.clock()).total == FAULTS
    launched.plan()
    launched.send(office)
    assert states(launched) == {"accepted": READERS}
    assert launched.campaign_state() == "finished"


def test_a_domain_that_refuses_one_reader_has_been_mended(launched: World) -> None:
    """It judges mailboxes again, not us."""
    transport = Moods(launched, OK, two=POLICY)
    office = open_office(launched, transport)
    launched.send(office)
    transport.by_domain["two.example"] = NO_SUCH_PERSON
    assert probe(launched, office) is True
    assert breaker(launched) is None


def test_a_domain_without_readers_left_is_tried_later(launched: World) -> None:
    """There is nobody to write to; the question is not asked every two seconds."""
    transport = Moods(launched, OK, two=POLICY)
    launched.send(open_office(launched, transport))
    with launched.unit_of_work() as session:
        session.execute(update(Delivery).where(Delivery.state == State.queued).values(state=State.skipped))
    launched.clock.now += PROBE_PAUSES[0]
    assert tick(launched) == []
    found = breaker(launched)
    assert found
    assert (found.state, found.probe_at) == ("open", launched.clock() + PROBE_PAUSES[0])


def test_a_campaign_whose_last_rows_were_refused_still_ends(world: World) -> None:
    """Nothing is left to probe with, and no server is needed to finish."""
    world.launched(REFUSALS, DOMAINS)
    world.send(open_office(world, Moods(world, POLICY)))
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(state="sending"))
        keep_in_step(session, [SERVER], world.clock())
    world.clock.now += PROBE_PAUSES[0]
    assert tick(world) == []
    world.plan()
    world.send(open_office(world, Moods(world, POLICY)))
    assert world.campaign_state() == "finished"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_another_server_goes_on_in_the_same_slice(world: World, stack: ExitStack, tmp_path: Path) -> None:
    """One refuses the login: nobody loses an attempt, and the ledger tells who took each mail."""
    world.launched(40, DOMAINS)
    ways = []
    for name, options in (("refusing", ("--auth", "user:right")), ("other", ())):
        folder = tmp_path / name
        folder.mkdir()
        server = stack.enter_context(SmtpServerProcess(folder, None, *options))
        login = ("user", "wrong") if options else ("", "")
        where = SmtpServer("127.0.0.1", server.port, "none", *login)
        ways.append(SmtpTransport(where, "mail.example.org", world.clock, 2))
    fleet = Fleet(ways)
    stack.callback(fleet.close)
    world.send(world.office(fleet, Watch(fleet.servers)))
    with world.unit_of_work() as session:
        rows = session.execute(select(Delivery.state, Delivery.attempts, Delivery.server).distinct()).all()
    assert [tuple(row) for row in rows] == [("accepted", 1, fleet.servers[1])]
    assert world.campaign_state() == "finished"
