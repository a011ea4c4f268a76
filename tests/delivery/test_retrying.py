"""Trying again on a person's word: which rows, with which octets, and that no tip comes twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign, launch_due
from newsletter_app.delivery import Delivery, Kind, Retried, retry, retryable
from newsletter_app.kernel.errors import Breach
from newsletter_app.ledger import LIFETIME, State
from newsletter_app.mail.replies import Reply
from newsletter_app.notices import Notice
from newsletter_app.subscriptions import Owed, Subscription
from newsletter_app.tips import TipSide
from tests.delivery.conftest import World
from tests.factories.content import make_tip
from tests.factories.engine import make_campaign
from tests.fakes.transports import BUSY, NO_SUCH_PERSON, POLICY, ScriptedTransport

READER = "reader1@example.ca"


def try_again(world: World, *kinds: Kind) -> Retried:
    with world.unit_of_work() as session:
        return retry(session, session.get_one(Campaign, world.campaign_id), kinds, world.clock())


def send_answered(world: World, *answers: Reply | None, readers: int = 1) -> ScriptedTransport:
    """Launch tip 24 and send it once; the first reader's server says these things, one a time."""
    world.launched(readers=readers)
    transport = ScriptedTransport(world.clock, {READER: list(answers)})
    world.send(world.office(transport))
    return transport


def send(world: World, transport: ScriptedTransport) -> None:
    world.plan()
    world.send(world.office(transport))


def launch_next(world: World) -> int:
    """Launch tip 25 to the same readers; return the campaign's id."""
    with world.unit_of_work() as session:
        notice, now = session.get_one(Notice, world.notice_id), world.clock()
        campaign_id = make_campaign(session, make_tip(session, notice, 25, now), [notice], now).id
        launch_due(session, now)
    return campaign_id


def tips_by_campaign(world: World, state: State) -> dict[int, int]:
    """Return campaign → how many tips the first reader's mail in it holds, for mails in this state."""
    with world.unit_of_work() as session:
        rows = session.scalars(select(Delivery).where(Delivery.subscriber_id == 1, Delivery.state == state))
        return {
            row.campaign_id: len(
                session.scalars(
                    select(campaigns.EditionItem).where(campaigns.EditionItem.edition_id == row.edition_id)
                ).all()
            )
            for row in rows
        }


def state_of(world: World) -> tuple[str, str | None]:
    with world.unit_of_work() as session:
        row = session.get_one(Delivery, (world.campaign_id, 1))
        return row.state, row.reason


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(POLICY, Kind.refused), (None, Kind.uncertain), (BUSY, Kind.deferred)],
)
def test_what_did_not_come_is_sent_with_the_same_octets(
    world: World, answer: Reply | None, kind: Kind
) -> None:
    """The campaign had finished, and the tip was corrected since."""  # M4, M5
    transport = send_answered(world, answer, readers=2)
    with world.unit_of_work() as session:
        session.execute(update(TipSide).values(title="Something else"))
    world.clock.move(minutes=2)
    assert try_again(world, kind) == Retried({kind: 1}, left=0)
    send(world, transport)
    first, again = [parcel for parcel in transport.taken if parcel.recipient == READER]
    assert (bytes(again.message), again.sender) == (bytes(first.message), first.sender)
    assert state_of(world) == (State.accepted, None)
    assert world.campaign_state() == "finished"
    assert len(transport.taken) == 3


def test_what_is_tried_again_is_not_owed_as_well(world: World) -> None:
    """It was given back; the next mail holds its own tip only."""
    transport = send_answered(world, POLICY)
    assert try_again(world, Kind.refused).total == 1
    with world.unit_of_work() as session:
        assert session.scalars(select(Owed)).all() == []
    first = world.campaign_id
    send(world, transport)
    world.campaign_id = launch_next(world)
    send(world, transport)
    assert tips_by_campaign(world, State.accepted) == {first: 1, world.campaign_id: 1}


def test_what_came_with_a_later_mail_stays(world: World) -> None:
    """The next campaign was planned with it: there is nothing to take back."""
    transport, first = send_answered(world, POLICY), world.campaign_id
    world.campaign_id = launch_next(world)
    send(world, transport)
    assert tips_by_campaign(world, State.accepted) == {world.campaign_id: 2}
    world.campaign_id = first
    assert try_again(world, Kind.refused) == Retried({Kind.refused: 0}, left=1)
    assert state_of(world) == (State.refused, "sender-fault")
    assert world.campaign_state() == "finished"


def test_what_came_through_another_notice_stays(world: World) -> None:
    """It is owed in one stream, though the tip came in another."""
    transport, first = send_answered(world, POLICY), world.campaign_id
    with world.unit_of_work() as session:
        owed = session.execute(select(Owed.subscription_id, Owed.publication_id)).one()
    world.campaign_id = launch_next(world)
    send(world, transport)
    with world.unit_of_work() as session:
        session.add(Owed(**owed._mapping, created_at=world.clock()))
    world.campaign_id = first
    assert try_again(world, Kind.refused) == Retried({Kind.refused: 0}, left=1)


@pytest.mark.parametrize("values", [{"state": "ended"}, {"confirmed_at": timedelta(minutes=1)}])
def test_who_stopped_or_began_anew_stays(world: World, values: dict[str, object]) -> None:
    """Whoever confirmed again since begins behind what was owed before."""
    send_answered(world, POLICY)
    since = {
        name: world.clock() + value if isinstance(value, timedelta) else value
        for name, value in values.items()
    }
    with world.unit_of_work() as session:
        session.execute(update(Subscription).values(since))
    assert try_again(world, Kind.refused) == Retried({Kind.refused: 0}, left=1)


def test_a_refusal_that_speaks_of_the_reader_stays(world: World) -> None:
    """It is no kind at all."""
    send_answered(world, NO_SUCH_PERSON)
    with world.unit_of_work() as session:
        assert set(retryable(session, world.campaign_id).values()) == {0}
    assert try_again(world, *Kind).total == 0
    assert state_of(world) == (State.refused, "hard")


def test_a_row_that_expired_before_the_campaign_did(world: World) -> None:
    """Its next try would have been too late; a person's word makes it now."""
    transport = send_answered(world, *[BUSY] * 200)
    while state_of(world)[0] == State.deferred:
        with world.unit_of_work() as session:
            world.clock.now = session.get_one(Delivery, (world.campaign_id, 1)).due_at
        world.send(world.office(transport))
    transport.answers.clear()
    assert state_of(world) == (State.expired, "too-late")
    assert try_again(world, Kind.expired) == Retried({Kind.expired: 1}, left=0)
    send(world, transport)
    assert state_of(world) == (State.accepted, None)
    with world.unit_of_work() as session:
        assert session.scalars(select(Owed)).all() == []


def test_beyond_the_lifetime_and_after_a_cancel_nothing_is_tried_again(world: World) -> None:
    send_answered(world, POLICY, None, readers=2)
    world.clock.now += LIFETIME
    with pytest.raises(Breach, match="campaign-too-old"):
        try_again(world, Kind.refused)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(state="cancelled"))
    with pytest.raises(Breach, match="campaign-cancelled"):
        try_again(world, Kind.refused)


def test_a_paused_campaign_stays_paused(world: World) -> None:
    """Its rows wait until somebody resumes it."""
    send_answered(world, POLICY, readers=2)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(state="paused", paused_by="staff"))
    assert try_again(world, Kind.refused).total == 1
    assert world.campaign_state() == "paused"


def test_planning_the_next_tip_at_the_same_moment(world: World) -> None:
    """What is owed goes into the old mail or into the new one, never into both and never into none."""
    readers = 8
    world.launched(readers=readers)
    answers = {f"reader{number}@example.ca": [POLICY] for number in range(1, readers + 1)}
    world.send(world.office(ScriptedTransport(world.clock, answers)))
    first, following = world.campaign_id, launch_next(world)
    start = Barrier(2)

    def take_back() -> int:
        start.wait(timeout=30)
        return try_again(world, Kind.refused).total

    def plan() -> None:
        start.wait(timeout=30)
        replace(world, campaign_id=following).plan()

    with ThreadPoolExecutor(2) as pool:
        taken, planned = pool.submit(take_back), pool.submit(plan)
        planned.result(60)
        queued = taken.result(60)
    tips = tips_by_campaign(world, State.queued)
    assert queued in (0, readers)
    assert tips == ({first: 1, following: 1} if queued else {following: 2})
