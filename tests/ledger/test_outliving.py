"""A process that outlives its database, put back or failed over to an older copy: its journal knows."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, send_shard
from newsletter_app.kernel.errors import Breach
from newsletter_app.ledger import Sender, State, locks, settle_abandoned
from tests.delivery.conftest import World, clock, world
from tests.fakes.transports import ScriptedTransport

__all__ = ["clock", "world"]

SHARD = 1


def test_a_process_that_handed_over_more_than_its_database_knows_claims_nothing(world: World) -> None:  # M18
    """Between two slices nothing failed that it could have noticed; its own claims tell."""
    world.launched(readers=2 * SHARDS)
    transport = ScriptedTransport(world.clock)
    office = world.office(transport)
    world.send(office)
    assert len(transport.taken) == 2 * SHARDS
    with world.unit_of_work() as session:
        session.execute(update(Sender).values(claim_no=0))
        session.execute(update(Delivery).values(state=State.queued))
        session.execute(update(Campaign).values(state="sending"))
    with pytest.raises(Breach, match="database-went-back"):
        send_shard(world.campaign_id, SHARD, office=office, outfit=world.outfit, stop=lambda: False)
    assert len(transport.taken) == 2 * SHARDS
    office.journal.close()
    settle_abandoned(world.unit_of_work, world.folder, [DELIVERIES], world.clock())
    with world.unit_of_work() as session:
        assert [lock.reason for lock in locks(session)] == ["database-went-back"]
