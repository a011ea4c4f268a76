"""Whoever changes a subscription or a series waits while its reader is held by a planner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.campaigns import Campaign, launch_due
from newsletter_app.delivery import Delivery, Kind, retry
from newsletter_app.ledger import SOFT, State
from newsletter_app.planning import begin_series, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import (
    Evidence,
    go_on,
    set_cadences,
    start_again,
    stop,
)
from newsletter_app.tips import send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader

EVIDENCE = Evidence()

Change = Callable[[Session, Subscriber, datetime], object]


def read_weekly(session: Session, reader: Subscriber, _now: datetime) -> object:
    return set_cadences(session, reader.id, {2: "weekly"})


def stop_it(session: Session, reader: Subscriber, now: datetime) -> object:
    return stop(session, reader.id, [2], source="page", now=now)


def start_one_again(session: Session, reader: Subscriber, now: datetime) -> object:
    return start_again(session, reader.id, [4], source="undo", evidence=EVIDENCE, now=now)


def begin(session: Session, reader: Subscriber, now: datetime) -> object:
    return begin_series(session, reader.id, 2, "daily", live=True, now=now)


def end_the_pause(session: Session, reader: Subscriber, now: datetime) -> object:
    # Somebody's pause that began since: the planner did not see it.
    reader.paused_until = now + timedelta(days=1)
    return go_on(session, reader, now)


def try_again(session: Session, _reader: Subscriber, now: datetime) -> object:
    return retry(session, session.get_one(Campaign, 1), [Kind.refused], now)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize(
    "change",
    [read_weekly, stop_it, start_one_again, begin, end_the_pause, try_again],
)
def test_who_changes_another_notice_of_a_held_reader_waits(
    sessions: sessionmaker[Session], now: datetime, change: Change
) -> None:
    """The planner touches no row of the other notice: the reader alone is what both must hold."""
    with sessions() as session:
        make_organisation(session)
        notices = [make_notice(session, now, f"notice-{place}") for place in range(4)]
        notices[1].offers_series = True
        send_into(session, make_tip(session, notices[1], 1, now), [2], now)
        reader = make_reader(session, 1, [notices[0], notices[1], notices[3]], now).id
        stop(session, reader, [4], source="page", now=now)
        mailed = make_campaign(session, make_tip(session, notices[1], 2, now), [notices[1]], now).id
        planned = make_campaign(session, make_tip(session, notices[0], 3, now), [notices[0]], now).id
        launch_due(session, now)
        assert plan_slice(session, mailed, 10, now)
        session.get_one(Delivery, (mailed, reader)).state = State.refused
        session.get_one(Delivery, (mailed, reader)).reason = SOFT
        session.commit()
    with sessions() as planner, sessions() as other:
        assert plan_slice(planner, planned, 10, now)
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            change(other, other.get_one(Subscriber, reader), now)
