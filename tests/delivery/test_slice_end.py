"""The end of a slice begins nothing new; what is under way is waited for as long as SMTP asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter_app.delivery import SHARDS, Delivery, send_shard
from newsletter_app.delivery.shards import SLICE
from newsletter_app.ledger import State
from newsletter_app.mail.connection import Timeouts
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport
from newsletter_app.mail.transport import Outcome, Parcel
from tests.delivery.conftest import World, clock, world
from tests.fakes.smtp_server import SmtpServerProcess
from tests.fakes.transports import ScriptedTransport
from tests.waiting import until

__all__ = ["clock", "world"]

WAITS = Timeouts(command=1, grace=0.2)
SLOW, SILENT = {"@server": {"delay_ms": 800}}, {"": {"mail": "hang"}}


@pytest.mark.parametrize(("script", "state"), [(SLOW, State.accepted), (SILENT, State.deferred)])
def test_what_is_under_way_when_a_slice_ends_is_waited_for(
    world: World, tmp_path: Path, script: dict[str, Any], state: State
) -> None:  # M16
    """Neither is a slow server's dot uncertain, nor is one that never answers MAIL asked for ever."""
    world.launched(readers=1)
    with SmtpServerProcess(tmp_path, script, "--keep", "") as server:
        where = SmtpServer("127.0.0.1", server.port, "none")
        with closing(SmtpTransport(where, "b.example", world.clock, timeouts=WAITS)) as transport:
            office = world.office(transport)
            journal = office.journal.path
            if script is SILENT:
                over = _once(lambda: bool(server.log("connected")), world)
            else:
                over = _once(lambda: b"handing" in journal.read_bytes(), world)
            send_shard(world.campaign_id, 1 % SHARDS, office=office, outfit=world.outfit, stop=lambda: False)
            over.join()
            office.journal.close()
    with world.unit_of_work() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.state, row.attempts) == (state, 1)


class Hanging(ScriptedTransport):
    """Takes one message; its server is still silent when the slice is over, and answers in the end."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        self._world = world
        self.waiting: list[str] = []

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        outcomes = super().hand_over(parcels, journal, stop)
        first = next(outcomes)
        self._world.clock.move(seconds=SLICE.total_seconds() + 1)
        assert not stop()
        self.waiting = _states(self._world)
        yield first
        yield from outcomes


def test_what_had_not_begun_when_a_slice_ends_waits_for_nobody(world: World) -> None:
    """A server may take ten minutes for a final dot; another process serves the others meanwhile."""
    world.launched(readers=1 + 2 * SHARDS)
    transport = Hanging(world)
    office = world.office(transport)
    send_shard(world.campaign_id, 1, office=office, outfit=world.outfit, stop=lambda: False)
    office.journal.close()
    assert sorted(transport.waiting) == [State.claimed, State.queued, State.queued]
    assert sorted(_states(world)) == [State.accepted, State.queued, State.queued]


def _states(world: World) -> list[str]:
    """Return the states of the rows of shard 1."""
    with world.unit_of_work() as session:
        return list(session.scalars(select(Delivery.state).where(Delivery.shard == 1)))


def _once(is_under_way: Callable[[], bool], world: World) -> threading.Thread:
    """Let the slice be over as soon as its message is under way."""

    def end() -> None:
        until(is_under_way, "a message is under way", 10, every=0.01)
        world.clock.move(seconds=21)

    thread = threading.Thread(target=end)
    thread.start()
    return thread
