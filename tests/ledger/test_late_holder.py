"""A holder that stood still beyond its lease and comes back: its replies count, its claim does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, send_shard
from newsletter_app.ledger import LEASE, State, expire_leases, settle_abandoned
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Parcel
from tests.delivery.conftest import World, clock, world
from tests.fakes.transports import BUSY, NO_SUCH_PERSON, OK, ScriptedTransport

__all__ = ["clock", "world"]

SHARD = 1
Meanwhile = Callable[[], None]


def send_late(world: World, answer: Reply | None, meanwhile: Meanwhile = lambda: None) -> list[str]:
    """Send to two readers; while the first's mail is under way this process stands still beyond its lease.

    Another settles what it holds meanwhile. Return whom the server was given mail for.
    """
    world.launched(readers=SHARDS + SHARD)
    transport = ScriptedTransport(world.clock, {f"reader{SHARD}@example.ca": [answer]})

    def stand_still(_parcel: Parcel) -> None:
        transport.before = lambda _parcel: None
        world.clock.move(seconds=(LEASE + timedelta(seconds=1)).total_seconds())
        with world.unit_of_work() as session:
            assert expire_leases(session, [DELIVERIES], world.clock()) == 2
        meanwhile()

    transport.before = stand_still
    office = world.office(transport)
    send_shard(world.campaign_id, SHARD, office=office, outfit=world.outfit, stop=lambda: False)
    office.journal.close()
    return [parcel.recipient for parcel in transport.taken]


def states(world: World) -> list[tuple[str, str | None]]:
    """Return state and reason of the two readers' rows, in the order they were served."""
    with world.unit_of_work() as session:
        rows = session.scalars(
            select(Delivery).where(Delivery.shard == SHARD).order_by(Delivery.subscriber_id)
        )
        return [(row.state, row.reason) for row in rows]


LOST = (State.uncertain, "lease-lost")


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (OK, (State.accepted, None)),
        (NO_SUCH_PERSON, (State.refused, "hard")),
        (BUSY, LOST),  # Nobody sends again what was called uncertain, and its campaign may be over.
        (None, LOST),
    ],
)
def test_a_late_reply_settles_what_the_lease_had_left_open(
    world: World, answer: Reply | None, fate: tuple[str, str | None]
) -> None:  # M17
    send_late(world, answer)
    assert states(world)[0] == fate


def test_what_was_not_handed_over_before_the_lease_ran_out_no_longer_is(world: World) -> None:  # M18
    assert send_late(world, OK) == [f"reader{SHARD}@example.ca"]
    assert states(world)[1] == LOST


def test_a_later_uncertain_never_overwrites_an_acceptance(world: World) -> None:  # M17

    def accept() -> None:
        with world.unit_of_work() as session:
            session.execute(update(Delivery).values(state=State.accepted, reason=None))

    send_late(world, None, accept)
    assert states(world)[0] == (State.accepted, None)
    # Nor does its journal, in which the dot stands without a reply.
    done = settle_abandoned(world.unit_of_work, world.folder, [DELIVERIES], world.clock())
    assert (done.journals, done.states) == (1, {})
