"""A reader who changes their rhythm in the middle of a slice: planned whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.campaigns import EditionItem, Wish, launch_due, schedule_digests
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.ledger import State
from newsletter_app.planning import begin_series, plan_slice
from newsletter_app.subscribers import Subscriber, set_language, set_wish
from newsletter_app.subscriptions import Owed, Subscription, change_series, of_subscriber, set_cadences, stop
from newsletter_app.tips import Publication, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader
from tests.waiting import until_blocked

TOMORROW = date(2026, 3, 4)
TUESDAY = date(2026, 3, 10)
STATEMENTS = (
    "WITH theirs",
    "INSERT INTO planning_situations",
    "INSERT INTO deliveries",
    "UPDATE subscriptions SET cursor",
    "DELETE FROM owed",
)

Change = Callable[[Session, int], object]


def join_by_weekday(session: Session, reader: int) -> None:
    set_wish(session, session.get_one(Subscriber, reader), weekday=None, hour=None, time_zone=None)


def join_by_cadence(session: Session, reader: int) -> None:
    set_cadences(session, reader, {1: "weekly"})


def read_french(session: Session, reader: int) -> None:
    set_language(session, session.get_one(Subscriber, reader), "fr")


def live_by_another_hour(session: Session, reader: int) -> None:
    set_wish(session, session.get_one(Subscriber, reader), weekday=None, hour=18, time_zone=None)


def leave_by_weekday(session: Session, reader: int) -> None:
    set_wish(session, session.get_one(Subscriber, reader), weekday=3, hour=None, time_zone=None)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("moment", STATEMENTS)
@pytest.mark.parametrize(
    ("change", "cadence", "wish"),
    [
        (join_by_weekday, "weekly", Wish(weekday=3)),
        (join_by_cadence, "each", Wish()),
        (leave_by_weekday, "weekly", Wish()),
        (read_french, "weekly", Wish()),
        (live_by_another_hour, "weekly", Wish()),
    ],
)
def test_nobody_is_planned_by_halves(
    sessions: sessionmaker[Session],
    engine: Engine,
    now: datetime,
    moment: str,
    change: Change,
    cadence: str,
    wish: Wish,
) -> None:
    """SQLite has one writer. Whoever got no delivery has not had the tip, and the other way about."""
    with sessions() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        make_reader(session, 1, [notice], now, cadence="weekly")
        changing = make_reader(session, 2, [notice], now, cadence=cadence, wish=wish).id
        make_reader(session, 3, [notice], now, cadence="weekly")
        send_into(session, make_tip(session, notice, 24, now), [notice.id], now)
        schedule_digests(session, now)
        [campaign_id] = launch_due(session, begins_at(TUESDAY))
        session.commit()
    seen: list[str] = []

    def meanwhile(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(moment) and not seen:
            seen.append(statement)
            # Who is held already has to wait until the slice is planned; here that is as good as later.
            with sessions() as other, suppress(OperationalError):
                other.execute(text("SET LOCAL lock_timeout = '50ms'"))
                change(other, changing)
                other.commit()

    event.listen(engine, "before_cursor_execute", meanwhile)
    try:
        with sessions() as session:
            assert plan_slice(session, campaign_id, 10, begins_at(TUESDAY))
            session.commit()
    finally:
        event.remove(engine, "before_cursor_execute", meanwhile)
    assert seen
    with sessions() as session:
        planned = set(session.scalars(select(Delivery.subscriber_id)))
        had = set(session.scalars(select(Subscription.subscriber_id).where(Subscription.cursor == 1)))
    assert planned == had


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_who_slows_their_series_down_while_planning_waits_for_them(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    """The planner had found them. PostgreSQL looks again at the row that it waited for, and at no other."""
    with sessions() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        notice.offers_series = True
        send_into(session, make_tip(session, notice, 1, now), [notice.id], now)
        reader = make_reader(session, 1, [notice], now).id
        begin_series(session, reader, notice.id, "daily", live=False, now=now)
        schedule_digests(session, now)
        [campaign_id] = launch_due(session, begins_at(TOMORROW))
        session.commit()

    def plan() -> None:
        with sessions() as session:
            assert plan_slice(session, campaign_id, 10, begins_at(TOMORROW))
            session.commit()

    with ThreadPoolExecutor(1) as pool, sessions() as changing, sessions() as watching:
        [row] = of_subscriber(changing, reader, lock=True)
        assert change_series(changing, row, "weekly", live=True, now=now)
        planned = pool.submit(plan)
        until_blocked(watching)
        changing.commit()
        planned.result(60)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("moment", STATEMENTS)
def test_what_is_given_back_while_planning_is_mailed_or_stays_owed(
    sessions: sessionmaker[Session], engine: Engine, now: datetime, moment: str
) -> None:
    """A claim gives back without holding the reader: its row refers to a subscription, and changes none."""
    with sessions() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        given_back = send_into(session, make_tip(session, notice, 23, now), [notice.id], now)
        reader = make_reader(session, 1, [notice], now, cadence="weekly", cursor=1).id
        send_into(session, make_tip(session, notice, 24, now), [notice.id], now)
        schedule_digests(session, now)
        [campaign_id] = launch_due(session, begins_at(TUESDAY))
        [row] = of_subscriber(session, reader)
        owed = {"subscription_id": row.id, "publication_id": given_back[0].id, "created_at": now}
        session.commit()
    plan_while(sessions, engine, campaign_id, moment, lambda other: other.execute(insert(Owed), owed))
    with sessions() as session:
        mailed = set(session.scalars(select(EditionItem.publication_id)))
        still_owed = set(session.scalars(select(Owed.publication_id)))
    assert (given_back[0].id in mailed) != (given_back[0].id in still_owed)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("moment", ["UPDATE planning_situations", *STATEMENTS])
@pytest.mark.parametrize("is_owed", [False, True])
def test_what_stops_being_on_its_way_while_planning_is_mailed_or_stays_owed(
    sessions: sessionmaker[Session], engine: Engine, now: datetime, moment: str, is_owed: bool
) -> None:
    """The reader stopped the notice whose mail was to bring it; a claim, which holds nobody, drops it."""
    with sessions() as session:
        make_organisation(session)
        daily, weekly = make_notice(session, now, "daily"), make_notice(session, now, "weekly")
        reader = make_reader(session, 1, [daily, weekly], now).id
        set_cadences(session, reader, {weekly.id: "weekly"})
        make_reader(session, 2, [weekly], now, cadence="weekly")
        tip = make_tip(session, daily, 24, now)
        mailed = make_campaign(session, tip, [daily, weekly], now).id
        launch_due(session, now)
        assert plan_slice(session, mailed, 10, now)
        of_weekly = of_subscriber(session, reader, [weekly.id])[0]
        place = session.scalars(select(Publication).where(Publication.notice_id == weekly.id)).one()
        if is_owed:
            of_weekly.cursor = place.seq
            session.add(Owed(subscription_id=of_weekly.id, publication_id=place.id, created_at=now))
        schedule_digests(session, now)
        [campaign_id] = launch_due(session, begins_at(TUESDAY))
        stop(session, reader, [daily.id], source="page", now=now)
        session.commit()

    def let_it_go(other: Session) -> None:
        other.get_one(Delivery, (mailed, reader)).state = State.skipped

    plan_while(sessions, engine, campaign_id, moment, let_it_go)
    with sessions() as session:
        mine = Delivery.campaign_id == campaign_id, Delivery.subscriber_id == reader
        editions = select(Delivery.edition_id).where(*mine)
        comes = select(EditionItem.publication_id).where(EditionItem.edition_id.in_(editions))
        still_owed = select(Owed.publication_id)
        assert place.id in {*session.scalars(comes), *session.scalars(still_owed)}


def plan_while(
    sessions: sessionmaker[Session],
    engine: Engine,
    campaign_id: int,
    moment: str,
    happens: Callable[[Session], object],
) -> None:
    """Plan a slice; just before the first statement that begins with ``moment`` something else happens."""
    seen: list[str] = []

    def meanwhile(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(moment) and not seen:
            seen.append(statement)
            with sessions() as other:
                happens(other)
                other.commit()

    event.listen(engine, "before_cursor_execute", meanwhile)
    try:
        with sessions() as session:
            assert plan_slice(session, campaign_id, 10, begins_at(TUESDAY))
            session.commit()
    finally:
        event.remove(engine, "before_cursor_execute", meanwhile)
    assert seen
