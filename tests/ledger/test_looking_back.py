"""A database put back while nothing ran: settled journals give it away, and teach it what it lost."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import DELIVERIES, Delivery
from newsletter_app.ledger import Sender, is_locked, look_back, reconcile, settle_abandoned, unlock
from newsletter_app.subscriptions import Subscription
from tests.delivery.conftest import World, clock, world

__all__ = ["clock", "world"]

LEDGERS = (DELIVERIES,)
READERS = 3
DONE = [("accepted", None)] * READERS
LEARNED = [("accepted", "journal")] * READERS


def test_a_database_that_knows_its_journals_is_left_alone(world: World) -> None:
    _send_to_everybody(world)
    assert not _looks_back(world)
    assert _rows(world) == DONE


def test_one_that_knows_fewer_claims_is_locked_until_a_person_unlocks(world: World) -> None:
    _send_to_everybody(world)
    with world.unit_of_work() as session:
        session.execute(update(Sender).values(claim_no=0))
        session.execute(update(Delivery).values(state="queued"))
    assert _looks_back(world)
    assert (_reconcile(world), _rows(world)) == ((READERS, 0), LEARNED)
    with world.unit_of_work() as session:
        assert is_locked(session)
        unlock(session)
    assert not _looks_back(world)


def test_a_campaign_older_than_the_copy_is_not_planned_anew(world: World) -> None:
    _send_to_everybody(world)
    _forget_deliveries(world)
    world.clock.move(minutes=1)
    assert _looks_back(world)
    assert (_reconcile(world), _rows(world)) == ((READERS, 0), LEARNED)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(state="planning", planned_to=0))
        session.execute(update(Subscription).values(cursor=0))
    world.plan()
    assert _rows(world) == LEARNED


def test_a_younger_campaign_with_the_same_number_is_another(world: World) -> None:
    _send_to_everybody(world)
    _forget_deliveries(world)
    world.clock.move(minutes=1)
    assert _looks_back(world)
    world.clock.move(minutes=1)
    with world.unit_of_work() as session:
        session.execute(update(Campaign).values(created_at=world.clock()))
    assert (_reconcile(world), _rows(world)) == ((0, READERS), [])


def _send_to_everybody(world: World) -> None:
    """Send to all readers and end the process in good order: its journal is settled."""
    world.launched(readers=READERS)
    office = world.office()
    world.send(office)
    office.journal.close()
    settle_abandoned(world.unit_of_work, world.folder, LEDGERS, world.clock())


def _forget_deliveries(world: World) -> None:
    with world.unit_of_work() as session:
        session.execute(delete(Delivery))
        session.execute(delete(Sender))


def _looks_back(world: World) -> bool:
    with world.unit_of_work() as session:
        return look_back(session, world.folder, world.clock())


def _reconcile(world: World) -> tuple[int, int]:
    done = reconcile(world.unit_of_work, world.folder, LEDGERS, world.clock())
    return done.corrected, done.missing


def _rows(world: World) -> list[tuple[str, str | None]]:
    with world.unit_of_work() as session:
        return [tuple(row) for row in session.execute(select(Delivery.state, Delivery.reason))]
