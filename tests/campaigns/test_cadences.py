"""Weekly and monthly campaigns: made ahead, one for each day that somebody chose, late ones held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.campaigns import (
    Campaign,
    Wish,
    cancel,
    find_by_occurrence,
    launch_due,
    notice_ids_of,
    schedule_digests,
)
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.subscribers import Subscriber
from tests.factories.content import make_notice, make_organisation
from tests.factories.engine import NO_WISH, make_reader

BY = "editor@example.org"
WEEKLY, MONTHLY = "weekly:2026-W10-2", "monthly:2026-04"


def slot(session: Session, cadence: str, **values: int) -> None:
    """Move the organisation's slot."""
    found = organisation.slot(organisation.get(session), cadence)
    for name, value in values.items():
        setattr(found, name, value)
    session.flush()


def world(session: Session, now: datetime, *readers: tuple[str, Wish]) -> None:
    """Set an organisation in Edmonton with two notices, read in these cadences."""
    make_organisation(session)
    notices = [make_notice(session, now), make_notice(session, now, "events")]
    for number, (cadence, wish) in enumerate(readers, 1):
        make_reader(session, number, notices, now, cadence=cadence, wish=wish)


def names(session: Session) -> list[str]:
    """Return what is scheduled, in order of time."""
    rows = select(Campaign.occurrence).where(Campaign.state == "scheduled")
    return list(session.scalars(rows.order_by(Campaign.due_at)))


def test_nothing_is_made_for_nobody(session: Session, now: datetime) -> None:
    world(session, now, ("each", NO_WISH))
    assert schedule_digests(session, now) == []


def test_the_next_of_each_is_made_once(session: Session, now: datetime) -> None:
    """Due at the organisation's own hour; a second tick, or a second beat, adds nothing."""
    world(session, now, ("weekly", NO_WISH), ("monthly", NO_WISH))
    # It is Monday, and Tuesday has begun on the other side of the Earth.
    assert schedule_digests(session, now) == ["weekly:2026-W11-2", MONTHLY]
    assert schedule_digests(session, now + timedelta(minutes=1)) == []
    weekly = find_by_occurrence(session, "weekly:2026-W11-2")
    assert weekly is not None
    assert weekly.due_at == datetime(2026, 3, 10, 15, tzinfo=UTC)  # summer time since Sunday
    assert weekly.tip_id is None


def test_two_beats_make_one(unit_of_work: UnitOfWork, now: datetime) -> None:
    with unit_of_work() as session:
        world(session, now, ("weekly", NO_WISH))
    start = Barrier(2)

    def beat() -> None:
        start.wait(timeout=30)
        with unit_of_work() as session:
            schedule_digests(session, now)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(beat), pool.submit(beat)]:
            future.result(60)
    with unit_of_work() as session:
        assert names(session) == ["weekly:2026-W11-2"]


def test_every_weekday_that_readers_chose_has_its_own(session: Session, now: datetime) -> None:
    world(session, now, ("weekly", NO_WISH), ("weekly", Wish(weekday=4)), ("weekly", Wish(weekday=4)))
    schedule_digests(session, now)
    assert names(session) == ["weekly:2026-W10-5", "weekly:2026-W11-2"]


def test_it_begins_with_its_day_on_the_first_place_of_earth(session: Session, now: datetime) -> None:
    early = now - timedelta(days=1)
    world(session, now, ("weekly", NO_WISH))
    assert schedule_digests(session, early) == [WEEKLY]
    weekly = find_by_occurrence(session, WEEKLY)
    assert weekly is not None
    assert weekly.day is not None
    begins = begins_at(weekly.day)
    assert launch_due(session, begins - timedelta(seconds=1)) == []
    assert launch_due(session, begins) == [weekly.id]
    assert weekly.state == "planning"
    assert notice_ids_of(session, weekly.id) == [1, 2]
    # The last of its readers, at UTC-12, has four days from their own hour (M15).
    assert weekly.expires_at == begins + timedelta(hours=51, days=4)


@pytest.mark.parametrize(
    ("hours", "state"), [(0, "planning"), (6, "planning"), (7, "paused"), (24 * 22, "paused")]
)
def test_what_was_missed_is_sent_once_or_held(
    session: Session, now: datetime, hours: int, state: str
) -> None:
    """The machine was down over the organisation's hour: six hours are forgiven, and weeks are one mail."""
    world(session, now, ("weekly", NO_WISH))
    schedule_digests(session, now - timedelta(days=1))
    weekly = find_by_occurrence(session, WEEKLY)
    assert weekly is not None
    back = weekly.due_at + timedelta(hours=hours)
    schedule_digests(session, back)
    launch_due(session, back)
    assert (weekly.state, weekly.pause_reason) == (state, "overdue" if state == "paused" else "")
    assert len(session.scalars(select(Campaign)).all()) == 2


def test_what_is_not_settled_follows_the_slot(session: Session, now: datetime) -> None:
    """Another hour, another day of the month: one mail a month all the same."""
    world(session, now, ("weekly", NO_WISH), ("monthly", NO_WISH))
    schedule_digests(session, now)
    slot(session, "weekly", hour=18)
    slot(session, "monthly", day_of_month=31)
    assert schedule_digests(session, now) == ["weekly:2026-W11-2", "monthly:2026-03"]
    assert names(session) == ["weekly:2026-W11-2", "monthly:2026-03"]
    weekly = find_by_occurrence(session, "weekly:2026-W11-2")
    assert weekly is not None
    assert weekly.due_at == datetime(2026, 3, 11, 0, tzinfo=UTC)
    april = datetime(2026, 4, 2, tzinfo=UTC)
    slot(session, "monthly", day_of_month=20)
    assert schedule_digests(session, april)[1:] == [MONTHLY]
    found = find_by_occurrence(session, MONTHLY)
    assert found is not None
    assert found.due_at == datetime(2026, 4, 20, 15, tzinfo=UTC)


def test_one_that_has_begun_moves_no_more(session: Session, now: datetime) -> None:
    """The slot was moved to later in the same month, after the mail went out."""
    world(session, now, ("monthly", NO_WISH))
    schedule_digests(session, now)
    april = begins_at(datetime(2026, 4, 1, tzinfo=UTC).date())
    assert len(launch_due(session, april)) == 1
    slot(session, "monthly", day_of_month=15)
    assert schedule_digests(session, april) == []
    assert schedule_digests(session, april + timedelta(days=20)) == ["monthly:2026-05"]


def test_a_cancelled_one_stays_cancelled_and_is_given_back(session: Session, now: datetime) -> None:
    world(session, now, ("weekly", NO_WISH))
    schedule_digests(session, now)
    weekly = session.scalars(select(Campaign)).one()
    cancel(session, weekly, BY, now)
    assert weekly.pause_reason == "given-back"
    assert schedule_digests(session, now) == []
    assert launch_due(session, weekly.due_at) == []


def test_nothing_leaves_while_the_law_misses_something(session: Session, now: datetime) -> None:
    world(session, now, ("weekly", NO_WISH))
    schedule_digests(session, now)
    organisation.set_words(session, "fr", postal_address="")
    weekly = session.scalars(select(Campaign)).one()
    assert launch_due(session, weekly.due_at) == []
    assert weekly.pause_reason == "identity-incomplete:postal-address-fr"


def test_a_day_that_nobody_wants_any_more_goes(session: Session, now: datetime) -> None:
    world(session, now, ("weekly", Wish(weekday=4)))
    schedule_digests(session, now)
    reader = session.scalars(select(Subscriber)).one()
    reader.weekday = None
    session.flush()
    schedule_digests(session, now)
    assert names(session) == ["weekly:2026-W11-2"]
