"""A claim whose COMMIT was still on its way when its process died: the server finishes it all the same."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text

from newsletter_app.delivery import DELIVERIES, Delivery, Place, claim_rows
from newsletter_app.ledger import Settlement, State, raise_claim_no, settle_abandoned
from tests.delivery.conftest import World, clock, world
from tests.fakes.transports import ScriptedTransport
from tests.waiting import until

__all__ = ["clock", "world"]

SHARD = 1


def somebody_waits(world: World) -> bool:
    """Tell whether the settling transaction stands behind the claim's."""
    with world.unit_of_work() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_settling_waits_for_a_claim_that_is_being_committed(world: World) -> None:  # M18
    """Else it found no row, said so for good, and the claim's rows were nobody's for ever after."""
    world.launched(readers=SHARD)
    office, done = world.office(ScriptedTransport(world.clock)), list[Settlement]()

    def settle() -> None:
        done.append(settle_abandoned(world.unit_of_work, world.folder, [DELIVERIES], world.clock()))

    settler = threading.Thread(target=settle)
    with world.unit_of_work() as session:
        claim_no = raise_claim_no(session, office.sender_id, world.clock())
        place = Place(world.campaign_id, SHARD, office.sender_id, claim_no)
        assert len(claim_rows(session, place, world.clock(), limit=1).rows) == 1
        office.journal.close()  # Its process is gone; the COMMIT it sent is not.
        settler.start()
        until(lambda: somebody_waits(world), "the settler waits")
    settler.join(timeout=30)
    with world.unit_of_work() as session:
        assert (done[0].states, session.scalar(select(Delivery.state))) == ({"queued": 1}, State.queued)
