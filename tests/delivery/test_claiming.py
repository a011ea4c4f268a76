"""The claim: what is taken, what is settled on the way, and that no row is ever taken twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, pause
from newsletter_app.delivery import SHARDS, Delivery, Place, claim_one, claim_rows
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger import LIFETIME, State, open_sender, raise_claim_no
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription, set_cadences
from newsletter_app.suppression import Suppression
from tests.delivery.conftest import World

Change = Callable[[Session, World], object]


def stop_reading(session: Session, world: World) -> None:
    session.execute(update(Subscription).values(state="ended"))


def erase(session: Session, world: World) -> None:
    session.execute(delete(Subscription))
    session.execute(delete(Subscriber))


def take_a_break(session: Session, world: World) -> None:
    session.execute(update(Subscriber).values(paused_until=world.clock() + timedelta(days=30)))


def turn_to_weekly(session: Session, world: World) -> None:
    set_cadences(session, 1, {world.notice_id: "weekly"})


def suppress(session: Session, world: World) -> None:
    session.add(Suppression(address_key="key-1", scope="bulk", reason="complaint", created_at=world.clock()))


def let_time_pass(session: Session, world: World) -> None:
    world.clock.now += LIFETIME


def nothing(session: Session, world: World) -> None:
    """Leave the row as it was planned."""


@pytest.mark.parametrize(
    ("change", "state", "reason", "owed"),
    [
        (nothing, State.claimed, None, 0),
        (stop_reading, State.skipped, "ended", 0),
        (erase, State.skipped, "ended", 0),
        (take_a_break, State.skipped, "paused", 1),
        (turn_to_weekly, State.skipped, "changed", 1),
        (suppress, State.skipped, "suppressed", 0),
        (let_time_pass, State.expired, "too-late", 1),
    ],
)
def test_what_happened_since_planning_decides(
    world: World, change: Change, state: State, reason: str | None, owed: int
) -> None:
    """One reader, one row: the claim settles it and owes what did not come."""  # M51
    world.launched(readers=1)
    with world.unit_of_work() as session:
        change(session, world)
    claim_everything(world)
    with world.unit_of_work() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.state, row.reason) == (state, reason)
        assert len(session.scalars(select(Owed)).all()) == owed


def test_a_paused_campaign_gives_nothing(world: World) -> None:
    """Its rows stay as they are."""
    world.launched(readers=3)
    with world.unit_of_work() as session:
        pause(session, session.get_one(Campaign, world.campaign_id), "editor@example.org", world.clock())
    assert claim_everything(world) == []
    with world.unit_of_work() as session:
        assert set(session.scalars(select(Delivery.state))) == {State.queued}


@pytest.mark.parametrize(
    ("state", "paused_by", "probe", "plain"),
    [
        ("sending", None, 1, 1),
        ("paused", "breaker", 1, 0),
        ("paused", "staff", 0, 0),
        ("paused", "question", 0, 0),
        ("cancelled", None, 0, 0),
    ],
)
def test_a_probe_takes_one_row_of_what_the_breaker_paused(
    world: World, state: str, paused_by: str | None, probe: int, plain: int
) -> None:
    """And of what sends; of nothing that a person paused or ended. Due or not, and no second time."""
    world.launched(readers=1)
    later = world.clock() + timedelta(hours=1)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(state=state, paused_by=paused_by))
        session.execute(update(Delivery).values(state=State.deferred, deferrals=1, due_at=later))
    sender, now = sender_of(world.unit_of_work, world), world.clock()
    for is_probe, taken in ((False, plain), (True, probe)):
        with world.unit_of_work() as session:
            claim_no = raise_claim_no(session, sender, now)
            place = Place(world.campaign_id, 0, sender, claim_no, is_probe=is_probe)
            assert len(claim_one(session, place, 1, now)) == taken
            assert claim_one(session, place, 1, now) == []
            session.execute(update(Delivery).values(state=State.deferred))


def test_two_senders_at_once_share_the_rows(world: World) -> None:
    """Both walk every shard at the same time; together they hold each reader once."""  # M18
    world.launched(readers=60)
    start = Barrier(2)

    def walk() -> list[int]:
        sender = sender_of(world.unit_of_work, world)
        start.wait(timeout=30)
        return [row for shard in range(SHARDS) for row in claim(world, sender, shard, limit=2)]

    with ThreadPoolExecutor(2) as pool:
        first, second = [future.result(60) for future in [pool.submit(walk), pool.submit(walk)]]
    taken = first + second
    assert len(taken) == len(set(taken))
    with world.unit_of_work() as session:
        claimed = session.scalars(select(Delivery.subscriber_id).where(Delivery.state == State.claimed)).all()
        assert sorted(taken) == sorted(claimed)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_claim_walks_past_rows_of_one_that_is_not_committed(world: World) -> None:  # M18
    """It neither waits for the other claim nor takes what that has taken."""
    world.launched(readers=3 * SHARDS)
    one, other = (sender_of(world.unit_of_work, world) for _ in range(2))
    with world.unit_of_work() as session:
        place = Place(world.campaign_id, 1, one, raise_claim_no(session, one, world.clock()))
        first = [row.subscriber_id for row in claim_rows(session, place, world.clock(), 1).rows]
        with world.unit_of_work() as beside:
            beside.execute(text("SET LOCAL lock_timeout = '5s'"))
            place = Place(world.campaign_id, 1, other, raise_claim_no(beside, other, world.clock()))
            second = [row.subscriber_id for row in claim_rows(beside, place, world.clock(), 3).rows]
    assert (first, second) == ([1], [1 + SHARDS, 1 + 2 * SHARDS])


def test_a_claim_of_nothing_but_readers_who_stopped_is_no_end(world: World) -> None:
    """The walk goes on behind them: whoever comes next in the shard still gets the mail."""
    world.launched(readers=1 + SHARDS)
    sender = sender_of(world.unit_of_work, world)
    with world.unit_of_work() as session:
        session.execute(update(Subscription).where(Subscription.subscriber_id == 1).values(state="ended"))
    after, met = 0, []
    for _claim in range(3):
        with world.unit_of_work() as session:
            place = Place(world.campaign_id, 1, sender, raise_claim_no(session, sender, world.clock()))
            taken = claim_rows(session, place, world.clock(), 1, after)
        after = taken.walked_to
        met.append(([row.subscriber_id for row in taken.rows], taken.looked_at))
    assert met == [([], 1), ([1 + SHARDS], 1), ([], 0)]


def test_a_row_is_due_when_its_time_comes(world: World) -> None:
    """A deferred row waits for its time; the claim keeps the first attempt's date (M4)."""
    world.launched(readers=1)
    claim_everything(world)
    later = world.clock() + timedelta(minutes=30)
    with world.unit_of_work() as session:
        session.execute(update(Delivery).values(state=State.deferred, due_at=later, attempts=1, deferrals=1))
    world.clock.move(minutes=29)
    assert claim_everything(world) == []
    first = first_attempt(world)
    world.clock.move(minutes=1)
    assert len(claim_everything(world)) == 1
    assert first_attempt(world) == first


def first_attempt(world: World) -> object:
    with world.unit_of_work() as session:
        return session.scalars(select(Delivery.first_attempt_at)).one()


def claim_everything(world: World) -> list[int]:
    """Claim on every shard with a sender of its own; return the readers' ids."""
    sender = sender_of(world.unit_of_work, world)
    return [row for shard in range(SHARDS) for row in claim(world, sender, shard, limit=200)]


def claim(world: World, sender: int, shard: int, *, limit: int) -> list[int]:
    now = world.clock()
    with world.unit_of_work() as session:
        place = Place(world.campaign_id, shard, sender, raise_claim_no(session, sender, now))
        return [row.subscriber_id for row in claim_rows(session, place, now, limit).rows]


def sender_of(unit_of_work: UnitOfWork, world: World) -> int:
    with unit_of_work() as session:
        return open_sender(session, "bulk", "host", "boot", 1, world.clock()).id
