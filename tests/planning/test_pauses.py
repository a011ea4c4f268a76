"""A pause that is over when a campaign is planned, though no tick has seen it yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import subscribers
from newsletter_app.campaigns import EditionItem, launch_due
from newsletter_app.delivery import Delivery
from newsletter_app.planning import plan_slice
from newsletter_app.subscriptions import end_pauses, missed_by
from newsletter_app.tips import Publication, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader
from tests.waiting import is_blocked, until

HOUR = timedelta(hours=1)


def test_planning_ends_it_and_mails_only_what_is_new(session: Session, now: datetime) -> None:
    make_organisation(session)
    notice = make_notice(session, now)
    reader = make_reader(session, 1, [notice], now - 3 * HOUR)
    subscribers.pause(session, reader, now - HOUR)
    missed = make_tip(session, notice, 24, now - 2 * HOUR)
    send_into(session, missed, [notice.id], now - 2 * HOUR)
    fresh = make_tip(session, notice, 25, now)
    make_campaign(session, fresh, [notice], now)
    [campaign_id] = launch_due(session, now)
    while plan_slice(session, campaign_id, 10, now):
        continue
    held = select(Publication.tip_id).join(EditionItem, EditionItem.publication_id == Publication.id)
    assert session.scalars(held).all() == [fresh.id]
    assert missed_by(session, reader.id) == [missed.id]


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_who_plans_while_another_ends_it_waits_for_that(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    """The tick has ended it and not committed yet, or whoever plans another campaign."""
    with sessions() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        reader = make_reader(session, 1, [notice], now - 3 * HOUR)
        subscribers.pause(session, reader, now - HOUR)
        make_campaign(session, make_tip(session, notice, 24, now), [notice], now)
        [campaign_id] = launch_due(session, now)
        session.commit()

    def plan() -> None:
        with sessions() as session:
            while plan_slice(session, campaign_id, 10, now):
                continue
            session.commit()

    with ThreadPoolExecutor(1) as pool, sessions() as ending, sessions() as watching:
        assert end_pauses(ending, now) == 1
        planned = pool.submit(plan)
        until(lambda: planned.done() or is_blocked(watching), "the planner waits, or is done")
        ending.commit()
        planned.result(60)
        assert watching.scalars(select(Delivery.subscriber_id)).all() == [reader.id]
