"""The loop over a scripted server: what is recorded, what is tried again, who is asked once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select, update

from newsletter_app.delivery import Delivery
from newsletter_app.delivery.claiming import ClaimedDelivery
from newsletter_app.delivery.errand import ShardErrand
from newsletter_app.ledger import LIFETIME, Books, State
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Parcel
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription
from tests.delivery.conftest import World
from tests.fakes.transports import BUSY, NO_SUCH_PERSON, OK, POLICY, ScriptedTransport

READER = "reader1@example.ca"


def row_of(world: World) -> Delivery:
    with world.unit_of_work() as session:
        return session.scalars(select(Delivery)).one()


@pytest.mark.parametrize(
    ("answer", "state", "reason", "owed"),
    [
        (OK, State.accepted, None, 0),
        (None, State.uncertain, "no-reply", 0),  # M17
        (NO_SUCH_PERSON, State.refused, "hard", 0),
        (POLICY, State.refused, "sender-fault", 1),  # M40
        (Reply(552, "5.2.2", "over quota"), State.refused, "soft", 1),  # M40
        (BUSY, State.deferred, None, 0),  # M14
    ],
)
def test_an_answer_is_recorded(
    world: World, answer: Reply | None, state: State, reason: str | None, owed: int
) -> None:
    """State, reason, reply and server stand in the row; only what was not refused for good is owed again."""
    world.launched(readers=1)
    world.send(world.office(ScriptedTransport(world.clock, {READER: [answer]})))
    row = row_of(world)
    assert (row.state, row.reason) == (state, reason)
    assert (row.reply_code, row.server) == (answer.code if answer else None, "fake:25")
    assert row.attempts == 1
    with world.unit_of_work() as session:
        assert len(session.scalars(select(Owed)).all()) == owed


def test_a_mail_that_cannot_be_encoded_stops_nobody_behind_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a character in a name, which no encoding has, is written as one that is unknown."""
    claim = ShardErrand.claim

    def claim_broken(
        errand: ShardErrand, limit: int, books: Books, *, may_wait: bool
    ) -> Sequence[ClaimedDelivery] | None:
        rows = claim(errand, limit, books, may_wait=may_wait)
        return rows and [replace(row, name="half \ud800") if row.address == READER else row for row in rows]

    monkeypatch.setattr(ShardErrand, "claim", claim_broken)
    world.launched(readers=20)
    transport = ScriptedTransport(world.clock, {})
    world.send(world.office(transport))
    assert len(transport.taken) == 20
    (mine,) = (bytes(parcel.message) for parcel in transport.taken if parcel.recipient == READER)
    assert str(message_from_bytes(mine, policy=policy.default)["To"]) == f"half \ufffd <{READER}>"
    with world.unit_of_work() as session:
        assert set(session.scalars(select(Delivery.state))) == {State.accepted}


def test_a_retry_has_the_same_octets(world: World) -> None:
    """Date, Message-ID, links: whatever the clock says by then."""  # M4, M5
    world.launched(readers=1)
    transport = ScriptedTransport(world.clock, {READER: [BUSY, BUSY]})
    office = world.office(transport)
    for _ in range(3):
        world.send(office)
        world.clock.move(hours=2)
    assert row_of(world).state == State.accepted
    assert len(transport.taken) == 3
    assert len({bytes(parcel.message) for parcel in transport.taken}) == 1


def test_retries_end_with_the_campaigns_lifetime(world: World) -> None:
    """A server that is always busy: the row expires, and its tips are owed."""  # M15
    world.launched(readers=1)
    transport = ScriptedTransport(world.clock, {READER: [BUSY] * 200})
    office = world.office(transport)
    begun = world.clock()
    pauses = []
    while row_of(world).state in (State.queued, State.deferred):
        world.send(office)
        pauses.append(row_of(world).due_at - world.clock())
        world.clock.now = max(row_of(world).due_at, world.clock())
    assert row_of(world).state == State.expired
    assert world.clock() - begun < LIFETIME
    assert 15 < len(transport.taken) < 60
    assert pauses[0] < pauses[2] < pauses[5]
    with world.unit_of_work() as session:
        assert len(session.scalars(select(Owed)).all()) == 1


def test_what_the_server_does_not_take_is_free_again(world: World) -> None:
    """Never pulled, so never tried: queued, no attempt counted, no first date."""
    world.launched(readers=33)
    transport = ScriptedTransport(world.clock)
    transport.takes = 1
    world.send(world.office(transport))
    with world.unit_of_work() as session:
        rows = session.scalars(select(Delivery)).all()
    free = [row for row in rows if row.state == State.queued]
    assert len(rows) - len(free) == 1
    assert {(row.attempts, row.first_attempt_at) for row in free} == {(0, None)}


def test_a_reader_who_stops_between_claim_and_hand_over_is_not_mailed(world: World) -> None:
    """All are claimed together; the first parcel takes two seconds, in which the others stop."""  # M51
    world.launched(readers=49)

    def dawdle(parcel: Parcel) -> None:
        world.clock.move(seconds=2)
        with world.unit_of_work() as session:
            session.execute(update(Subscription).values(state="ended"))

    transport = ScriptedTransport(world.clock)
    transport.before = dawdle
    world.send(world.office(transport))
    assert len(transport.taken) == 1
    with world.unit_of_work() as session:
        reasons = session.scalars(select(Delivery.reason).where(Delivery.state == State.skipped)).all()
    assert reasons == ["ended"] * 48


def test_within_a_second_nobody_is_asked_again(world: World) -> None:
    """The look costs a statement, so it is not taken for each parcel."""
    world.launched(readers=33)
    asked = []
    transport = ScriptedTransport(world.clock)
    transport.before = lambda parcel: asked.append(parcel.key)
    world.send(world.office(transport))
    assert len(asked) == 33
    assert len({parcel.sender for parcel in transport.taken}) == 33  # M24


def test_an_address_no_header_can_hold_is_refused_and_stops_nobody(world: World) -> None:
    """M10: without SMTPUTF8 in the header, the row is refused with a reason of its own."""
    world.launched(readers=3)
    with world.unit_of_work() as session:
        session.execute(update(Subscriber).where(Subscriber.id == 1).values(address="a\nb@example.ca"))
    world.send(world.office(ScriptedTransport(world.clock)))
    with world.unit_of_work() as session:
        rows = dict(session.execute(select(Delivery.subscriber_id, Delivery.state)).all())
        reason = session.scalars(select(Delivery.reason).where(Delivery.subscriber_id == 1)).one()
    assert (rows[1], reason) == (State.refused, "unsendable")
    assert {rows[2], rows[3]} == {State.accepted}
