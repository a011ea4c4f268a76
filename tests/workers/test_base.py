"""The office of a worker: kept from task to task, and begun anew when its journal has grown long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter_app.delivery import SHARDS, Delivery, Place, claim_rows, send_shard
from newsletter_app.ledger import Office, State, raise_claim_no
from newsletter_app.mail.accounts import KEPT, Account, sweep
from newsletter_app.mail.journal import GROWN, Journal
from newsletter_app.mail.replies import Reply
from tests.delivery.conftest import World
from workers.base import Process
from workers.offices import open_office

LONG_REPLY = Reply(250, "2.0.0", "Ok: " + "x" * 490)
OLD_CLAIM = 0  # Before any that a row here has.


def grow(journal: Journal) -> None:
    """Write what a long life would, under one claim, which is recorded."""
    while not journal.is_grown:
        journal.replied_all([("d:9:1", OLD_CLAIM, LONG_REPLY)] * 1000)
    journal.recorded(OLD_CLAIM)


def send(world: World, office: Office, shard: int) -> None:
    send_shard(world.campaign_id, shard, office=office, outfit=world.outfit, stop=lambda: False)


def senders(world: World) -> dict[int, tuple[str, int | None]]:
    """Return reader → the state of the delivery and who handed it over."""
    with world.unit_of_work() as session:
        return {row.subscriber_id: (row.state, row.claim_sender) for row in session.scalars(select(Delivery))}


def test_the_office_is_kept_from_task_to_task(process: Process) -> None:
    with open_office(process, "bulk") as first:
        pass
    with open_office(process, "bulk") as second:
        assert second is first


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres_database", marks=pytest.mark.postgres)], indirect=True
)
def test_the_time_is_the_databases_whatever_this_machines_clock_does(world: World, process: Process) -> None:
    """Leases, due times and retries are read by other machines; a clock may be set while a worker lives."""
    with open_office(process, "bulk") as office:
        before = office.clock()
    world.clock.move(hours=-1)
    with open_office(process, "bulk") as office:
        assert abs(office.clock() - before) < timedelta(minutes=10)


def test_a_journal_that_has_grown_is_settled_and_another_one_begun(world: World, process: Process) -> None:
    world.launched(readers=2)
    with open_office(process, "bulk") as first:
        send(world, first, 1 % SHARDS)
        grow(first.journal)
    with open_office(process, "bulk") as second:
        send(world, second, 2 % SHARDS)
    assert senders(world) == {1: (State.accepted, first.sender_id), 2: (State.accepted, second.sender_id)}
    assert first.sender_id != second.sender_id
    [living] = world.folder.glob("*.journal")
    assert living == second.journal.path
    [settled] = world.folder.glob("*.settled")
    assert settled.stat().st_size > GROWN
    fates = [key for path in (settled, living) for key, _ in Account(path).fates()]
    assert fates == [f"d:{world.campaign_id}:1", "d:9:1", f"d:{world.campaign_id}:2"]


def test_it_is_kept_as_long_as_the_others(world: World, process: Process) -> None:
    with open_office(process, "bulk") as office:
        grow(office.journal)
    with open_office(process, "bulk"):
        pass
    settled_at = world.clock()
    assert sweep(world.folder, settled_at + KEPT) == 0
    assert sweep(world.folder, settled_at + KEPT + timedelta(seconds=1)) == 1


def test_what_a_grown_journal_knows_and_no_row_does_is_settled_by_it(world: World, process: Process) -> None:
    """As after a record whose commit came to nothing: no row waits for a process that has gone on."""  # M18
    world.launched(readers=2)
    with open_office(process, "bulk") as office:
        with world.unit_of_work() as session:
            claim_no = raise_claim_no(session, office.sender_id, world.clock())
            for shard in (1 % SHARDS, 2 % SHARDS):
                place = Place(world.campaign_id, shard, office.sender_id, claim_no)
                claim_rows(session, place, world.clock(), 10)
        grow(office.journal)
        office.journal.handing_over(f"d:{world.campaign_id}:1", claim_no)
        office.journal.replied(f"d:{world.campaign_id}:1", claim_no, LONG_REPLY)
    with open_office(process, "bulk"):
        states = {reader: state for reader, (state, _) in senders(world).items()}
        assert states == {1: State.accepted, 2: State.queued}
