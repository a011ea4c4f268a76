"""A reply that is long in coming keeps nobody from being claimed; trouble with a claim loses no reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select

from newsletter_app.delivery import SHARDS, Delivery, send_shard
from newsletter_app.delivery.errand import ShardErrand
from newsletter_app.ledger import State, handing
from newsletter_app.mail.connection import Timeouts
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport
from newsletter_app.subscribers import Subscriber
from tests.delivery.conftest import World, clock, world
from tests.fakes.smtp_server import SmtpServerProcess

__all__ = ["clock", "world"]

SHARD, IN_SHARD = 1, 12
FIRST = 3
PATIENCE_S = 10


@pytest.fixture(autouse=True)
def _small_first_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "FIRST_CLAIM", FIRST)


def test_one_silent_connection_holds_up_no_other(world: World, tmp_path: Path) -> None:
    """A server may take ten minutes for one message and milliseconds for all others (RFC 5321 4.5.3.2)."""
    ids = _launched(world)
    with SmtpServerProcess(tmp_path, {_address(world, ids[0]): {"dot": "hang"}}) as server:

        def others_are_taken() -> bool:
            return len(server.account()) == IN_SHARD - 2

        states = _send(world, server.port, others_are_taken, Timeouts(grace=0.2))
    # The second one's commands were said behind that message, over the same connection.
    assert Counter(states.values()) == {State.accepted: IN_SHARD - 2, State.queued: 1, State.uncertain: 1}
    assert states[ids[0]] == State.uncertain


def test_what_comes_back_while_replies_are_awaited_is_sent_by_the_same_slice(
    world: World, tmp_path: Path
) -> None:
    """All had been claimed by then, and a claim had met nothing more: that is no end yet."""
    ids = _launched(world)
    trouble = {_address(world, ids[-1]): {"rcpt": "421 4.3.2 closing", "times": 1}}
    with SmtpServerProcess(tmp_path, trouble | {"@server": {"delay_ms": 50}}) as server:
        states = _send(world, server.port, lambda: False, Timeouts())
        assert len(server.account()) == IN_SHARD
    assert Counter(states.values()) == {State.accepted: IN_SHARD}


def test_a_claim_that_fails_waits_for_the_replies(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who hung up at once would know of nothing whether it was taken."""
    ids, claim = _launched(world), ShardErrand.claim

    def claim_once(errand: ShardErrand, *arguments: object, may_wait: bool) -> Sequence[object] | None:
        if not may_wait:
            raise ConnectionError("the database is gone")
        return claim(errand, *arguments, may_wait=may_wait)  # type: ignore[arg-type]

    monkeypatch.setattr(ShardErrand, "claim", claim_once)
    with SmtpServerProcess(tmp_path, {"@server": {"delay_ms": 200}}) as server:
        with pytest.raises(ConnectionError, match="gone"):
            _send(world, server.port, lambda: False, Timeouts())
        assert len(server.account()) == FIRST
    [journal] = world.folder.glob("*.journal")
    assert journal.read_text().count("replied") == FIRST
    assert len(ids) == IN_SHARD


def _launched(world: World) -> list[int]:
    """Launch to a dozen readers of one shard, and some of others; return the dozen's ids."""
    world.launched(readers=SHARD + (IN_SHARD - 1) * SHARDS)
    return sorted(_states(world))


def _send(world: World, port: int, enough: Callable[[], bool], timeouts: Timeouts) -> dict[int, str]:
    deadline = monotonic() + PATIENCE_S
    where = SmtpServer("127.0.0.1", port, "none")
    with closing(SmtpTransport(where, "b.example", world.clock, 2, timeouts)) as transport:
        office = world.office(transport)
        with closing(office.journal):
            send_shard(
                world.campaign_id,
                SHARD,
                office=office,
                outfit=world.outfit,
                stop=lambda: enough() or monotonic() > deadline,
            )
    return _states(world)


def _states(world: World) -> dict[int, str]:
    with world.unit_of_work() as session:
        rows = session.execute(select(Delivery.subscriber_id, Delivery.state).where(Delivery.shard == SHARD))
        return {row.subscriber_id: row.state for row in rows}


def _address(world: World, subscriber_id: int) -> str:
    with world.unit_of_work() as session:
        subscriber = session.get(Subscriber, subscriber_id)
        assert subscriber is not None
        return subscriber.address
