"""When the next mail comes: what a reader is told is what planning then does, over random wishes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, Engine, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Wish, cancel, launch_due, schedule, schedule_digests
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.notices import Notice
from newsletter_app.planning import begin_series, next_mail_at, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import PACES, end_pauses, of_subscriber
from newsletter_app.tips import Tip, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import NO_WISH, make_reader

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
ZONES = [None, "America/St_Johns", "Pacific/Kiritimati", "Pacific/Niue", "Mars/Olympus"]
BY = "editor@example.org"
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """A reader, what they have not had yet, what is scheduled (hours from now, notice), and their pause.

    A ``series`` is of the first notice: its pace, and whether live tips come meanwhile. It has one tip, but
    where they ``had`` that; another one may be put on the web, and mailed to nobody, once it has begun.
    """

    cadences: tuple[str, str]
    wish: Wish = NO_WISH
    unseen: bool = False
    tips: tuple[tuple[int, int], ...] = ()
    paused_hours: int | None = None
    cancelled: bool = False
    series: tuple[str, bool] | None = None
    had: bool = False
    put_up_later: bool = False


cases = st.builds(
    Case,
    st.tuples(*[st.sampled_from(["each", "weekly", "weekly", "monthly", "ended"])] * 2),
    st.builds(
        Wish, st.none() | st.integers(0, 6), st.none() | st.sampled_from([0, 9, 23]), st.sampled_from(ZONES)
    ),
    st.booleans(),
    st.lists(st.tuples(st.integers(1, 24 * 30), st.integers(0, 1)), max_size=3).map(tuple),
    st.none() | st.integers(1, 24 * 20),
    st.booleans(),
    st.none() | st.tuples(st.sampled_from(PACES), st.booleans()),
    st.booleans(),
    st.booleans(),
)


class Life:
    """One reader's life in a database, tick by tick."""

    def __init__(self, session: Session, case: Case) -> None:
        """Begin on a Monday morning, with all of the case."""
        self.session = session
        make_organisation(session)
        self.notices = [make_notice(session, NOW), make_notice(session, NOW, "events")]
        self.reader = self._reader(case)
        self.number = 0
        if case.series and not case.had:
            self._tip(self.notices[0])
        self._read_series(case)
        if case.unseen:
            send_into(session, self._tip(self.notices[0]), [self.notices[0].id], NOW)
        for hours, place in case.tips:
            notice, due_at = self.notices[place], NOW + timedelta(hours=hours)
            tip = self._tip(notice)
            tip.state = "draft"
            schedule(session, tip, due_at=due_at, by=BY, now=NOW, notice_ids=[notice.id])
        schedule_digests(session, NOW)
        if case.cancelled:
            for campaign in session.scalars(select(Campaign).where(Campaign.cadence == "weekly")):
                cancel(session, campaign, BY, NOW)
        if case.paused_hours is not None:
            self.reader.paused_until = NOW + timedelta(hours=case.paused_hours)
        session.flush()

    def _reader(self, case: Case) -> Subscriber:
        reader = make_reader(self.session, 1, self.notices, NOW, wish=case.wish)
        for row, cadence in zip(of_subscriber(self.session, reader.id), case.cadences, strict=True):
            row.state = "ended" if cadence == "ended" else "active"
            row.cadence = "each" if cadence == "ended" else cadence
        return reader

    def _read_series(self, case: Case) -> None:
        self.notices[0].offers_series = True
        if case.series and case.cadences[0] != "ended":
            pace, live = case.series
            begin_series(self.session, self.reader.id, self.notices[0].id, pace, live=live, now=NOW)
            if case.put_up_later:
                self._tip(self.notices[0])

    def _tip(self, notice: Notice) -> Tip:
        self.number += 1
        return make_tip(self.session, notice, self.number if notice.numbered else None, NOW)

    def first_mail(self, horizon: datetime) -> datetime | None:
        """Live on until the horizon; return the due time of the first mail that a claim would let go."""
        at = NOW
        while (at := self._next_tick(at)) <= horizon:
            self._tick(at)
        planned = self.session.scalars(select(Delivery.due_at))
        return min(planned, default=None)

    def _next_tick(self, after: datetime) -> datetime:
        """Return when something is due; beat ticks in vain as well, here at least once a day."""
        coming = self.session.execute(
            select(Campaign.due_at, Campaign.day).where(Campaign.state == "scheduled")
        ).all()
        return min(begins_at(day) if day else due_at for due_at, day in [*coming, (after + A_DAY, None)])

    def _tick(self, at: datetime) -> None:
        end_pauses(self.session, at)
        for campaign_id in launch_due(self.session, at):
            while plan_slice(self.session, campaign_id, 100, at):
                continue
        schedule_digests(self.session, at)


WEEKLY = ("weekly", "weekly")
FAR = timedelta(days=40)


@pytest.fixture
def sqlite(sqlite_database: URL) -> Iterator[Engine]:
    """Give an engine on SQLite alone: the statements are planning's, tried with both databases elsewhere."""
    engine = make_engine(sqlite_database)
    yield engine
    engine.dispose()


@example(Case(("each", "each"), tips=((5, 0),)))
@example(Case(("each", "each"), Wish(hour=0), tips=((5, 0), (4, 1))))
@example(Case(WEEKLY, unseen=True))
@example(Case(WEEKLY, tips=((24 * 8, 1),)))
@example(Case(WEEKLY, Wish(weekday=4, hour=23, zone="Pacific/Niue"), unseen=True))
@example(Case(WEEKLY, unseen=True, paused_hours=24))
@example(Case(WEEKLY, tips=((24, 0), (24 * 9, 0)), paused_hours=24 * 2))
@example(Case(WEEKLY, unseen=True, cancelled=True))
@example(Case(("each", "monthly"), unseen=True, tips=((24, 1),)))
@example(Case(WEEKLY, series=("daily", False)))
@example(Case(WEEKLY, Wish(weekday=5, hour=23, zone="Pacific/Niue"), series=("twice", True)))
@example(Case(WEEKLY, series=("weekly", False), paused_hours=24 * 9))
@example(Case(("each", "each"), series=("weekly", False), had=True, tips=((24, 0),)))
@example(Case(("each", "each"), series=("weekly", True), had=True, put_up_later=True))
@example(Case(("each", "each"), series=("daily", False), had=True, tips=((24 * 5, 0), (24 * 6, 0))))
@example(Case(("weekly", "ended"), series=("daily", False), had=True, tips=((24 * 9, 0),), unseen=True))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(cases)
def test_what_is_told_is_what_comes(sqlite: Engine, case: Case) -> None:
    """The first mail that is planned is due when it was told; None means that nothing comes."""
    with Session(sqlite) as session:
        life = Life(session, case)
        told = next_mail_at(session, life.reader.id, NOW)
        assert life.first_mail((told or NOW + FAR) + timedelta(seconds=1)) == told
        session.rollback()


@pytest.mark.parametrize("change", ["paused", "ended", "turned"])
def test_what_a_claim_would_refuse_is_not_told(session: Session, change: str) -> None:
    """A mail that is planned already counts only while it would be sent."""
    life = Life(session, Case(WEEKLY, unseen=True))
    told = next_mail_at(session, life.reader.id, NOW)
    assert told is not None
    life.first_mail(told)
    assert next_mail_at(session, life.reader.id, told - timedelta(hours=1)) == told
    if change == "paused":
        life.reader.paused_until = told + timedelta(days=1)
    for row in of_subscriber(session, life.reader.id):
        row.state = "ended" if change == "ended" else "active"
        row.cadence = "monthly" if change == "turned" else "weekly"
    session.flush()
    assert next_mail_at(session, life.reader.id, told - timedelta(hours=1)) is None


def test_nobody_is_told_nothing(session: Session) -> None:
    assert next_mail_at(session, 4711, NOW) is None
