"""The books: what was accepted waits for the next claim's commit, what others must hear of does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from sqlalchemy import select

from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, Place, claim_rows
from newsletter_app.ledger import Books, NextState, Office, Record, State, raise_claim_no
from newsletter_app.ledger.rules import ACCEPTED
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.transport import Outcome, Parcel
from tests.delivery.conftest import World, clock, world
from tests.fakes.transports import OK, SERVER, ScriptedTransport

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
