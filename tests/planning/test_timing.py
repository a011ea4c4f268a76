"""Due times: each reader's own hour in their own zone, and everybody's content settled before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Wish, launch_due, schedule_digests
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.notices import Notice
from newsletter_app.planning import plan_slice
from newsletter_app.tips import send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import NO_WISH, make_campaign, make_reader

# The organisation is in Edmonton: its slot is Tuesday at 9, which is 15:00 UTC on March 10.
NINE = datetime(2026, 3, 10, 15, tzinfo=UTC)
WISHES = {
    NO_WISH: NINE,
    Wish(zone="America/St_Johns"): datetime(2026, 3, 10, 11, 30, tzinfo=UTC),
    Wish(zone="Pacific/Kiritimati", hour=0): datetime(2026, 3, 9, 10, tzinfo=UTC),
    Wish(zone="Pacific/Niue", hour=23): datetime(2026, 3, 11, 10, tzinfo=UTC),
    Wish(hour=18): datetime(2026, 3, 11, 0, tzinfo=UTC),
    Wish(zone="Mars/Olympus"): NINE,
    Wish(hour=99): NINE,
}


def plan_all(session: Session, now: datetime) -> list[Campaign]:
    """Launch what is due and plan it, a few readers at a time."""
    begun = [session.get_one(Campaign, id_) for id_ in launch_due(session, now)]
    for campaign in begun:
        while plan_slice(session, campaign.id, 3, now):
            continue
        session.refresh(campaign)
    return begun


def due(session: Session) -> list[datetime]:
    """Return when each reader's mail is due, in the order of the readers."""
    return list(session.scalars(select(Delivery.due_at).order_by(Delivery.subscriber_id)))


def published(session: Session, notice: Notice, now: datetime) -> None:
    """Put a tip into the stream of a notice."""
    send_into(session, make_tip(session, notice, 24, now), [notice.id], now)


def test_a_weekly_mail_is_due_at_everybody_s_own_hour(session: Session, now: datetime) -> None:
    """A zone that has vanished and an hour that is none are the organisation's."""
    make_organisation(session)
    notice = make_notice(session, now)
    for number, wish in enumerate(WISHES, 1):
        make_reader(session, number, [notice], now, cadence="weekly", wish=wish)
    published(session, notice, now)
    schedule_digests(session, now)
    begins = begins_at(NINE.date())
    assert plan_all(session, begins - timedelta(minutes=1)) == []
    [weekly] = plan_all(session, begins)
    assert due(session) == list(WISHES.values())
    assert weekly.state == "sending"


def test_what_comes_out_after_the_day_began_waits_a_week(session: Session, now: datetime) -> None:
    """Though it is hours before anybody's slot: the same mail goes to everybody."""
    make_organisation(session)
    notice = make_notice(session, now)
    make_reader(session, 1, [notice], now, cadence="weekly")
    schedule_digests(session, now)
    plan_all(session, begins_at(NINE.date()))
    published(session, notice, NINE - timedelta(hours=1))
    schedule_digests(session, NINE)
    assert due(session) == []  # nothing unseen, no mail
    plan_all(session, NINE + timedelta(days=6))
    assert due(session) == [NINE + timedelta(days=7)]


def test_a_reader_s_own_weekday(session: Session, now: datetime) -> None:
    make_organisation(session)
    notice = make_notice(session, now)
    make_reader(session, 1, [notice], now, cadence="weekly")
    make_reader(session, 2, [notice], now, cadence="weekly", wish=Wish(weekday=3))
    published(session, notice, now)
    schedule_digests(session, now)
    plan_all(session, datetime(2026, 3, 4, 12, tzinfo=UTC))
    assert due(session) == [datetime(2026, 3, 5, 16, tzinfo=UTC)]
    plan_all(session, begins_at(NINE.date()))
    assert due(session) == [NINE, datetime(2026, 3, 5, 16, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("wish", "hours"), [(NO_WISH, 0), (Wish(zone="Europe/Paris"), 0), (Wish(hour=12), 3), (Wish(hour=8), 23)]
)
def test_each_tip_comes_at_once_or_at_the_reader_s_own_hour(
    session: Session, now: datetime, wish: Wish, hours: int
) -> None:
    make_organisation(session)
    notice = make_notice(session, now)
    make_reader(session, 1, [notice], now, wish=wish)
    make_campaign(session, make_tip(session, notice, 24, now), [notice], now)
    plan_all(session, now)
    assert due(session) == [now + timedelta(hours=hours)]
