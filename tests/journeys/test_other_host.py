"""A host that is gone with what it had claimed: the others wait for its lease; nothing counts as unsent."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.journeys.arena import OTHER_HOST, Arena, Size, open_arena
from tests.journeys.hosts import send_signal
from tests.journeys.machine import may_rename

pytestmark = [pytest.mark.journey, pytest.mark.postgres]
NUMBER = 1
SIZE = Size(readers=240, bulk=1, slow=("--delay-ms", "150"))
# The second host has one process alone, which begins to send last.
OTHERS_SENDER = "SELECT id, host, pid FROM senders WHERE kind = 'bulk' ORDER BY id"
ROWS = "SELECT state, reason, claim_sender FROM deliveries"
PASS_SHARDS = "UPDATE shard_leases SET until_at = until_at - interval '16 minutes' WHERE sender_id = :id"
PASS_LEASE = "UPDATE senders SET seen_at = seen_at - interval '16 minutes' WHERE id = :id"


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    """Give two hosts that share PostgreSQL and Redis, and a slow SMTP server."""
    with ExitStack() as stack:
        yield open_arena(stack, tmp_path, SIZE, embedded=False)


def test_only_its_lease_settles_what_a_host_that_is_gone_had_claimed(arena: Arena) -> None:
    # The first host is held still meanwhile: it might have sent everything before the other has begun.
    first = arena.hosts[0].processes("-Q bulk")
    send_signal(first, signal.SIGSTOP)
    arena.send_tip(NUMBER)
    arena.until(lambda: _claimed(arena, _sender_of_the_other(arena)), "the other host claims")
    gone = _sender_of_the_other(arena)
    _kill_the_other(arena)
    send_signal(first, signal.SIGCONT)
    _let_pass(arena, PASS_SHARDS, gone)
    arena.until(lambda: not _open(arena, but=gone), "the first host sends all the rest")
    assert _claimed(arena, gone) > 0
    _let_pass(arena, PASS_LEASE, gone)
    arena.until(lambda: arena.is_finished(NUMBER), "its lease runs out")
    rows = arena.rows(ROWS)
    lost = Counter((row["state"], row["reason"]) for row in rows if row["claim_sender"] == gone)
    assert set(lost) <= {("accepted", None), ("uncertain", "lease-lost")}  # M17
    assert lost["uncertain", "lease-lost"] > 0
    assert Counter(line["recipient"] for line in arena.server.account()).most_common(1)[0][1] == 1  # M18


def _sender_of_the_other(arena: Arena) -> int:
    """Return the id of the second host's sender, 0 while it has none."""
    processes = {process.id for process in arena.hosts[1].processes("-Q bulk")}
    found = [row for row in arena.rows(OTHERS_SENDER) if row["pid"] in processes]
    assert all(row["host"] == OTHER_HOST for row in found) or not may_rename()
    return int(found[-1]["id"]) if found else 0


def _claimed(arena: Arena, sender: int) -> int:
    return sum(row["claim_sender"] == sender and row["state"] == "claimed" for row in arena.rows(ROWS))


def _open(arena: Arena, but: int) -> list[dict[str, Any]]:
    states = ("queued", "claimed", "deferred")
    return [row for row in arena.rows(ROWS) if row["state"] in states and row["claim_sender"] != but]


def _let_pass(arena: Arena, statement: str, sender: int) -> None:
    """Make what this sender holds so much older: nobody waits a quarter of an hour."""
    with arena.ports.unit_of_work() as session:
        session.execute(text(statement), {"id": sender})


def _kill_the_other(arena: Arena) -> None:
    """Kill the second host's launcher and all its processes at once, as a power cut would."""
    processes = arena.hosts[1].processes("")
    send_signal(processes, signal.SIGSTOP)
    arena.hosts[1].machine.kill_launchers()
    send_signal(processes, signal.SIGKILL)
