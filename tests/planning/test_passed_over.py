"""A tip that stands in two notices, and is on its way by one of them when the other one's mail is planned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import EditionItem, launch_due, schedule_digests
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.ledger import State
from newsletter_app.planning import Code, begin_series, explain, known_of, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, of_subscriber, set_cadences
from newsletter_app.tips import Tip, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader
from tests.planning.acts import Acts
from tests.planning.world import World

# The mail of Tuesday is planned when that day begins first, on Monday at 10:00 UTC.
SUNDAY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def test_it_comes_by_the_other_if_it_does_not_by_the_one(engine: Engine, tmp_path: Path) -> None:
    """Who stops a notice while its mail waits has not had the tip, and still reads it elsewhere."""
    world = World(engine, tmp_path, SUNDAY, 2)
    acts, (each, weekly) = Acts(world), world.house.notices
    life = acts.confirm(acts.sign_up("rose@example.ca", [each, weekly]))
    assert life is not None
    acts.turn(life, weekly, "weekly")
    # Their hour for each tip comes after the week's mail was planned: at 15:00 UTC.
    acts.wish(life, None, 8, None)
    world.tick()
    tip = acts.schedule([each, weekly], SUNDAY + AN_HOUR)
    world.move_to(SUNDAY + 20 * AN_HOUR)
    assert len(life.under_way) == 1
    acts.stop(life, [each])
    world.move_to(SUNDAY + timedelta(days=9))
    assert life.has_had(tip)


def test_a_series_is_not_over_while_its_last_tip_is_on_its_way_by_another(
    session: Session, now: datetime
) -> None:
    """It was passed over as had, the series ended, and the tip came by neither way."""
    make_organisation(session)
    daily, numbered = make_notice(session, now, "daily"), make_notice(session, now, "numbered")
    numbered.offers_series = numbered.numbered = True
    tip = make_tip(session, daily, 1, now)
    [place] = send_into(session, tip, [numbered.id], now)
    reader = make_reader(session, 1, [daily, numbered], now).id
    begin_series(session, reader, numbered.id, "daily", live=False, now=now)
    mailed = make_campaign(session, tip, [daily], now).id
    launch_due(session, now)
    assert plan_slice(session, mailed, 10, now)
    assert series_day(session, date(2026, 3, 4)) == []
    session.get_one(Delivery, (mailed, reader)).state = State.skipped
    assert series_day(session, date(2026, 3, 5)) == [place.id]


def test_what_came_back_to_a_series_as_it_ended_comes_by_the_stream(session: Session, now: datetime) -> None:
    """A claim saw the series run: its last mail went back into it, while a planner found nothing ahead."""
    make_organisation(session)
    notice = make_notice(session, now)
    notice.offers_series = notice.numbered = True
    [place] = send_into(session, make_tip(session, notice, 1, now), [notice.id], now)
    reader = make_reader(session, 1, [notice], now).id
    begin_series(session, reader, notice.id, "daily", live=False, now=now)
    assert series_day(session, date(2026, 3, 4)) == [place.id]
    assert series_day(session, date(2026, 3, 5)) == []
    session.get_one(
        Delivery, (session.scalars(select(Delivery.campaign_id)).one(), reader)
    ).state = State.skipped
    [mine] = of_subscriber(session, reader)
    assert mine.live
    session.add(Owed(subscription_id=mine.id, publication_id=place.id, in_series=True, created_at=now))
    session.flush()
    known = known_of(session, session.get_one(Subscriber, reader), session.get_one(Tip, place.tip_id), now)
    assert explain(known, now).code == Code.comes_again
    later = now + timedelta(days=4)
    campaign_id = make_campaign(session, make_tip(session, notice, 2, later), [notice], later).id
    assert campaign_id in launch_due(session, later)
    while plan_slice(session, campaign_id, 10, later):
        continue
    held = select(EditionItem.publication_id).join(Delivery, Delivery.edition_id == EditionItem.edition_id)
    mailed = session.scalars(held.where(Delivery.campaign_id == campaign_id)).all()
    assert place.id in mailed
    assert session.scalars(select(Owed.publication_id)).all() == []


def test_what_is_on_its_way_to_one_reader_comes_to_the_other(session: Session, now: datetime) -> None:
    """Both are owed it in one slice: it is put off for whom it is on its way to, and for nobody else."""
    make_organisation(session)
    daily, weekly = make_notice(session, now, "daily"), make_notice(session, now, "weekly")
    tip = make_tip(session, daily, 24, now)
    [place] = send_into(session, tip, [weekly.id], now)
    one = make_reader(session, 1, [daily, weekly], now).id
    set_cadences(session, one, {weekly.id: "weekly"})
    other = make_reader(session, 2, [weekly], now, cadence="weekly").id
    rows = [of_subscriber(session, reader, [weekly.id])[0] for reader in (one, other)]
    session.add_all(Owed(subscription_id=row.id, publication_id=place.id, created_at=now) for row in rows)
    mailed = make_campaign(session, tip, [daily], now).id
    launch_due(session, now)
    assert plan_slice(session, mailed, 10, now)
    at = begins_at(date(2026, 3, 10))
    schedule_digests(session, now)
    [campaign_id] = launch_due(session, at)
    assert plan_slice(session, campaign_id, 10, at)
    theirs = select(Delivery.subscriber_id).where(Delivery.campaign_id == campaign_id)
    assert session.scalars(theirs).all() == [other]
    assert session.scalars(select(Owed.subscription_id)).all() == [rows[0].id]


def series_day(session: Session, day: date) -> list[int]:
    """Plan the day's series, and return the publications that its mails hold."""
    at = begins_at(day)
    schedule_digests(session, at - AN_HOUR)
    launched = launch_due(session, at)
    for campaign_id in launched:
        while plan_slice(session, campaign_id, 10, at):
            continue
    held = select(EditionItem.publication_id).join(Delivery, Delivery.edition_id == EditionItem.edition_id)
    return list(session.scalars(held.where(Delivery.campaign_id.in_(launched))))
