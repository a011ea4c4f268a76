"""Planning as the task does it: what a slice does not need is not held while it waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import subscribers
from newsletter_app.campaigns import Campaign, launch_due
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from tests.delivery.conftest import World
from tests.factories.content import make_tip
from tests.factories.engine import make_campaign
from tests.waiting import until_blocked
from workers.base import Process
from workers.bulk_tasks import plan


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres_database"], indirect=True)
def test_a_pause_has_ended_before_a_slice_waits_for_its_readers(
    world: World, process: Process, sessions: sessionmaker[Session]
) -> None:
    """Somebody who holds the first reader and then wants the second is not waited for by the planner."""
    world.launched(readers=2)
    # PostgreSQL shows the process its own clock.
    now = process.clock()()
    with world.unit_of_work() as session:
        second = session.get_one(Subscriber, 2)
        subscribers.pause(session, second, now - timedelta(hours=1))
        notice = session.get_one(Notice, world.notice_id)
        world.campaign_id = make_campaign(session, make_tip(session, notice, 25, now), [notice], now).id
        assert launch_due(session, now) == [world.campaign_id]
    one, two = (select(Subscriber.id).where(Subscriber.id == number).with_for_update() for number in (1, 2))
    with ThreadPoolExecutor(1) as pool, sessions() as holding, sessions() as watching:
        holding.execute(one)
        planned = pool.submit(plan, process, world.campaign_id)
        until_blocked(watching)
        holding.execute(two)
        holding.commit()
        planned.result(60)
    with sessions() as session:
        assert session.scalars(select(Subscriber.paused_until).where(Subscriber.id == 2)).one() is None
        assert session.get_one(Campaign, world.campaign_id).state == "sending"
