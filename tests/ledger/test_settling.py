"""After a crash: what the journal proves, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, Place, claim_rows
from newsletter_app.ledger import (
    LEASE,
    Sender,
    State,
    expire_leases,
    forget_restored,
    is_locked,
    locks,
    note_restored,
    raise_claim_no,
    reconcile,
    settle_abandoned,
    unlock,
)
from newsletter_app.mail.journal import Journal, current_boot_id
from newsletter_app.mail.replies import Reply
from tests.delivery.conftest import World, clock, world
from tests.fakes.transports import OK, ScriptedTransport

__all__ = ["clock", "world"]

LEDGERS = (DELIVERIES,)
REFUSED = Reply(550, "5.1.1", "No")


@dataclass
class Crash:
    """A process that claimed its rows and died; its journal is closed, so its lock is free."""

    world: World
    sender_id: int
    journal: Journal
    rows: list[tuple[str, int]]

    def settle(self) -> dict[str, int]:
        """Settle as the next process does; return rows by state."""
        done = settle_abandoned(self.world.unit_of_work, self.world.folder, LEDGERS, self.world.clock())
        return done.states

    def states(self) -> dict[str, tuple[str, str | None]]:
        """Return each row's state and reason by its key."""
        with self.world.unit_of_work() as session:
            rows = session.scalars(select(Delivery)).all()
        return {DELIVERIES.key(row.campaign_id, row.subscriber_id): (row.state, row.reason) for row in rows}


@pytest.fixture
def crash(world: World) -> Iterator[Crash]:
    """Give a process that claimed four rows, with its journal still open."""
    world.launched(readers=4)
    office = world.office(ScriptedTransport(world.clock))
    rows: list[tuple[str, int]] = []
    now = world.clock()
    for shard in range(SHARDS):
        with world.unit_of_work() as session:
            place = Place(
                world.campaign_id, shard, office.sender_id, raise_claim_no(session, office.sender_id, now)
            )
            claimed = claim_rows(session, place, now, 200).rows
        rows += [(DELIVERIES.key(*row.ids), row.claim_no) for row in claimed]
    crash = Crash(world, office.sender_id, office.journal, rows)
    yield crash
    office.journal.close()


def test_each_window_is_settled_by_what_the_journal_says(crash: Crash) -> None:
    """Claim–hand-over, dot–reply, reply–record; and a second settling changes nothing."""  # M17, M18
    (untouched, _), (dotted, dotted_no), (replied, replied_no), (refused, refused_no) = crash.rows
    crash.journal.handing_over(dotted, dotted_no)
    for key, claim_no, reply in ((replied, replied_no, OK), (refused, refused_no, REFUSED)):
        crash.journal.handing_over(key, claim_no)
        crash.journal.replied(key, claim_no, reply)
    crash.journal.close()
    assert crash.settle() == {"queued": 1, "uncertain": 1, "accepted": 1, "refused": 1}
    expected = {
        untouched: (State.queued, None),
        dotted: (State.uncertain, "no-reply"),
        replied: (State.accepted, None),
        refused: (State.refused, "hard"),
    }
    assert crash.states() == expected
    assert crash.settle() == {}
    assert crash.states() == expected


def test_a_living_process_is_left_alone(crash: Crash) -> None:
    """Its lock is held."""
    assert crash.settle() == {}
    assert {state for state, _ in crash.states().values()} == {State.claimed}


def test_after_a_power_cut_silence_proves_nothing(crash: Crash) -> None:
    """Another boot: no line may only mean that it never reached the disk."""
    key, claim_no = crash.rows[0]
    crash.journal.handing_over(key, claim_no)
    crash.journal.replied(key, claim_no, OK)
    crash.journal.close()
    [path] = crash.world.folder.glob("*.journal")
    path.write_bytes(path.read_bytes().replace(current_boot_id().encode(), b"another-boot"))
    with crash.world.unit_of_work() as session:
        session.execute(update(Sender).values(boot_id="another-boot"))
    assert crash.settle() == {"accepted": 1, "uncertain": 3}


def test_a_journal_in_another_hosts_folder_is_none_of_ours(crash: Crash) -> None:
    """Whoever does not see it learns nothing from that: its rows are left to the lease."""  # M17
    crash.journal.close()
    elsewhere = crash.world.folder.parent / "ours"
    elsewhere.mkdir()
    assert settle_abandoned(crash.world.unit_of_work, elsewhere, LEDGERS, crash.world.clock()).states == {}
    assert {state for state, _ in crash.states().values()} == {State.claimed}
    with crash.world.unit_of_work() as session:
        late = crash.world.clock() + LEASE + timedelta(seconds=1)
        assert expire_leases(session, [DELIVERIES], late) == 4
    assert set(crash.states().values()) == {(State.uncertain, "lease-lost")}


def test_a_journal_of_another_host_in_our_folder_is_not_settled_by_silence(crash: Crash) -> None:
    """Where hosts share a disk: what its kernel had not written yet is not in the file."""  # M17
    key, claim_no = crash.rows[0]
    crash.journal.replied(key, claim_no, OK)
    crash.journal.close()
    [path] = crash.world.folder.glob("*.journal")
    there = path.read_bytes().replace(current_boot_id().encode(), b"boot-of-mail-2")
    path.write_bytes(there.replace(b"host=mail-1", b"host=mail-2"))
    with crash.world.unit_of_work() as session:
        session.execute(update(Sender).values(boot_id="boot-of-mail-2", host="mail-2"))
    assert crash.settle() == {"accepted": 1, "uncertain": 3}


def test_a_machine_not_heard_of_loses_its_rows_after_the_lease(crash: Crash) -> None:
    """Uncertain, never queued; its journal, should it come back, still settles them."""
    early, late = crash.world.clock() + LEASE, crash.world.clock() + LEASE + timedelta(seconds=1)
    with crash.world.unit_of_work() as session:
        assert expire_leases(session, [DELIVERIES], early) == 0
        assert expire_leases(session, [DELIVERIES], late) == 4
    key, claim_no = crash.rows[0]
    crash.journal.handing_over(key, claim_no)
    crash.journal.replied(key, claim_no, OK)
    crash.journal.close()
    assert crash.settle() == {"accepted": 1, "queued": 3}


def test_a_database_that_went_back_locks_sending(crash: Crash) -> None:
    """The journal knows a later claim than the sender's row; its rows are not touched."""
    key, claim_no = crash.rows[-1]
    crash.journal.handing_over(key, claim_no)
    crash.journal.close()
    with crash.world.unit_of_work() as session:
        session.execute(update(Sender).values(claim_no=claim_no - 1))
    assert crash.settle() == {}
    with crash.world.unit_of_work() as session:
        assert [lock.reason for lock in locks(session)] == ["database-went-back"]
    assert {state for state, _ in crash.states().values()} == {State.claimed}


def test_while_locked_nothing_is_claimed(world: World) -> None:
    """A restore's marker locks at once, and again until a person unlocks."""  # S33
    world.launched(readers=2)
    data_dir = world.folder.parent
    (data_dir / "restored").write_text("{}")
    with world.unit_of_work() as session:
        assert note_restored(session, data_dir, world.clock())
    transport = ScriptedTransport(world.clock)
    office = world.office(transport)
    world.send(office)
    assert transport.taken == []
    with world.unit_of_work() as session:
        assert unlock(session) == 1
    forget_restored(data_dir)
    with world.unit_of_work() as session:
        assert not note_restored(session, data_dir, world.clock())
        assert not is_locked(session)
    world.clock.move(minutes=1)
    world.send(office)
    assert len(transport.taken) == 2


def test_a_restored_database_learns_from_the_journals(crash: Crash) -> None:
    """Rows it holds as queued were sent since: they are corrected, the missing are counted."""  # S33
    (sent, sent_no), (dotted, dotted_no), *_ = crash.rows
    crash.journal.handing_over(sent, sent_no)
    crash.journal.replied(sent, sent_no, OK)
    crash.journal.handing_over(dotted, dotted_no)
    crash.journal.handing_over("d:99:1", dotted_no)
    crash.journal.recorded(sent_no)
    crash.journal.close()
    with crash.world.unit_of_work() as session:
        session.execute(update(Delivery).values(state=State.queued, claim_sender=None, claim_no=None))
    found = reconcile(crash.world.unit_of_work, crash.world.folder, LEDGERS, crash.world.clock())
    assert (found.known, found.corrected, found.missing) == (3, 2, 1)
    states = crash.states()
    assert states[sent] == (State.accepted, "journal")
    assert states[dotted] == (State.uncertain, "journal")
    assert sorted(state for state, _ in states.values()) == ["accepted", "queued", "queued", "uncertain"]
    assert list(Path(crash.world.folder).glob("*.journal")) == []
