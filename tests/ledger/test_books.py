"""The books: what was accepted waits for the next claim's commit, what others must hear of does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, Place, claim_rows, send_shard
from newsletter_app.ledger import (
    Books,
    NextState,
    Office,
    Record,
    State,
    expire_leases,
    handing,
    raise_claim_no,
    settle_abandoned,
)
from newsletter_app.ledger.rules import ACCEPTED
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.transport import Outcome, Parcel
from tests.delivery.conftest import World, clock, world
from tests.fakes.transports import OK, SERVER, ScriptedTransport, ServerDied

__all__ = ["clock", "world"]

REFUSED = NextState(State.refused, "hard")


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    """Give an office with a way out that takes everything."""
    office = world.office(ScriptedTransport(world.clock))
    yield office
    office.journal.close()


def claimed(world: World, office: Office, readers: int) -> list[tuple[tuple[int, ...], int]]:
    """Launch a campaign, claim all its rows and return their ids and claim numbers."""
    world.launched(readers)
    found: list[tuple[tuple[int, ...], int]] = []
    with world.unit_of_work() as session:
        for shard in range(SHARDS):
            claim_no = raise_claim_no(session, office.sender_id, world.clock())
            place = Place(world.campaign_id, shard, office.sender_id, claim_no)
            found += [(row.ids, row.claim_no) for row in claim_rows(session, place, world.clock(), 10).rows]
    return found


def states(world: World) -> list[str]:
    with world.unit_of_work() as session:
        return sorted(session.scalars(select(Delivery.state)))


def journalled(office: Office) -> list[str]:
    lines = office.journal.path.read_text().rstrip("\0").splitlines()
    return [line for line in lines if line.startswith("recorded")]


def test_what_was_accepted_can_wait(world: World, office: Office) -> None:
    """Its claim counts as recorded once that is committed, not before."""
    [(ids, claim_no)] = claimed(world, office, 1)
    books = Books(DELIVERIES, office)
    books.note(Record(ids, claim_no, ACCEPTED, OK, SERVER))
    books.close(claim_no)
    books.mark()
    assert (books.can_wait, states(world), journalled(office)) == (True, [State.claimed], [])
    with world.unit_of_work() as session:
        books.write(session, world.clock())
    books.mark()
    assert (states(world), journalled(office)) == ([State.accepted], [f"recorded {claim_no}"])


def test_anything_else_cannot(world: World, office: Office) -> None:
    """A refusal may have something to say about the server; nothing is left to wait behind it."""
    (one, claim_no), (other, other_no) = claimed(world, office, 2)
    books = Books(DELIVERIES, office)
    books.note(Record(one, claim_no, REFUSED, None, SERVER))
    books.note(Record(other, other_no, ACCEPTED, OK, SERVER))
    assert not books.can_wait
    books.flush()
    assert (books.can_wait, states(world)) == (True, [State.accepted, State.refused])


def test_nothing_to_record_opens_no_transaction(world: World, office: Office) -> None:
    books = Books(DELIVERIES, office)
    books.flush()
    assert journalled(office) == []


@pytest.fixture
def small_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a shard of twenty readers take two claims."""
    monkeypatch.setattr(handing, "FIRST_CLAIM", 5)


@pytest.mark.usefixtures("small_claims")
def test_every_claim_finds_the_last_ones_outcomes_recorded(world: World) -> None:
    """They are committed with it, so that a crash between the two cannot be."""
    world.launched(readers=300)
    unrecorded: list[int] = []

    def look(parcel: Parcel) -> None:
        with world.unit_of_work() as session:
            before = select(Delivery.claim_no).where(
                Delivery.state == State.claimed, Delivery.claim_no < parcel.claim_no
            )
            unrecorded.extend(number for number in session.scalars(before) if number is not None)

    transport = ScriptedTransport(world.clock)
    transport.before = look
    world.send(world.office(transport))
    assert (len(transport.taken), unrecorded) == (300, [])
    assert states(world) == [State.accepted] * 300


@pytest.mark.usefixtures("small_claims")
def test_outcomes_whose_commit_fails_with_the_claims_stand_in_the_journal(world: World) -> None:  # M18
    """Neither the outcomes nor the claim are in the database then; nobody is mailed again."""
    world.launched(readers=20 * SHARDS)
    transport = ScriptedTransport(world.clock)

    @contextmanager
    def failing() -> Iterator[Session]:
        with world.unit_of_work() as session:
            yield session
            if transport.taken:
                raise ServerDied

    office = replace(world.office(transport), unit_of_work=failing)
    with pytest.raises(ServerDied):
        send_shard(world.campaign_id, 1, office=office, outfit=world.outfit, stop=lambda: False)
    office.journal.close()
    settled = settle_abandoned(world.unit_of_work, world.folder, [DELIVERIES], world.clock())
    assert (len(transport.taken), settled.states) == (5, {"accepted": 5})
    assert states(world).count(State.claimed) == 0


class Dawdling(ScriptedTransport):
    """Answers for one message, then lets two seconds pass, asking whether to stop as a real way out does."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        self._world = world
        self.states_meanwhile: list[str] = []

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        outcomes = super().hand_over(parcels, journal, stop)
        yield from [next(outcomes)]
        self._world.clock.move(seconds=2)
        assert not stop()
        self.states_meanwhile = self.states_meanwhile or states(self._world)
        yield from outcomes


def test_outcomes_are_recorded_while_a_reply_is_waited_for(world: World) -> None:
    """A server may take ten minutes for one dot (M16): what is known by then is not left to the journal."""
    world.launched(readers=40)
    transport = Dawdling(world)
    world.send(world.office(transport))
    assert transport.states_meanwhile.count(State.accepted) == 1
    assert states(world) == [State.accepted] * 40


class Patient(ScriptedTransport):
    """Waits for each answer as long as SMTP asks for, step by step; others look for lost leases meanwhile."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        self._world = world
        self.lost = 0

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        for outcome in super().hand_over(parcels, journal, stop):
            for _step in range(4):
                self._world.clock.move(minutes=5)
                assert not stop()
                with self._world.unit_of_work() as session:
                    self.lost += expire_leases(session, [DELIVERIES], self._world.clock())
            yield outcome


def test_whoever_waits_for_a_reply_keeps_what_it_holds(world: World) -> None:  # M16, M17
    """The steps of one message may take longer than a lease."""
    world.launched(readers=1)
    transport = Patient(world)
    world.send(world.office(transport))
    assert (transport.lost, states(world)) == (0, [State.accepted])
