"""What journals alone know is written beside a planner: never into the slice that it writes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.campaigns import launch_due
from newsletter_app.delivery import DELIVERIES, Delivery
from newsletter_app.ledger import Fate, State
from newsletter_app.planning import plan_slice
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_readers


@pytest.fixture
def campaign_id(sessions: sessionmaker[Session], now: datetime) -> int:
    """A campaign to two readers that is about to be planned."""
    with sessions() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        make_readers(session, 2, notice, now)
        campaign = make_campaign(session, make_tip(session, notice, 24, now), [notice], now).id
        launch_due(session, now)
        session.commit()
    return campaign


def test_who_had_the_mail_already_gets_no_second_one(
    sessions: sessionmaker[Session], campaign_id: int, now: datetime
) -> None:
    fate: Fate = ((campaign_id, 1), State.accepted)
    with sessions() as session:
        assert DELIVERIES.adopt(session, [fate], now + timedelta(days=1), now) == 1
        assert plan_slice(session, campaign_id, 10, now)
        states = {row.subscriber_id: row.state for row in session.query(Delivery)}
    assert states == {1: State.accepted, 2: State.queued}


def test_what_was_planned_since_it_was_missed_is_done_as_well(
    sessions: sessionmaker[Session], campaign_id: int, now: datetime
) -> None:
    """The row was not there when it was looked for; a planner wrote it before its campaign was held."""
    fates: list[Fate] = [((campaign_id, 1), State.accepted), ((campaign_id, 2), State.uncertain)]
    with sessions() as session:
        assert plan_slice(session, campaign_id, 10, now)
        session.get_one(Delivery, (campaign_id, 2)).state = State.accepted
        session.flush()
        DELIVERIES.adopt(session, fates, now + timedelta(days=1), now)
        session.expire_all()
        rows = {row.subscriber_id: (row.state, row.reason) for row in session.query(Delivery)}
    assert rows == {1: (State.accepted, "journal"), 2: (State.accepted, None)}


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_it_waits_for_who_plans_the_campaign(
    sessions: sessionmaker[Session], campaign_id: int, now: datetime
) -> None:
    fate: Fate = ((campaign_id, 3), State.accepted)
    with sessions() as planner, sessions() as other:
        assert plan_slice(planner, campaign_id, 10, now)
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            DELIVERIES.adopt(other, [fate], now + timedelta(days=1), now)
