"""Days folded: whatever people did, and whenever the night's work was done, they say what a recount says."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime, timedelta
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app import figures, organisation, subscribers, subscriptions
from newsletter_app.figures import ALL, Change, DailyFigure, Stand, Standing
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import ConsentRecord
from tests.factories.people import HASH_KEY, an_active_reader, sign_up, three_notices

A_DAY = timedelta(days=1)
# (hours since the act before, who, what they read from then on); None: the night's work is done.
acts = st.lists(
    st.one_of(
        st.none(),
        st.tuples(st.integers(0, 30), st.integers(0, 2), st.frozensets(st.integers(0, 1))),
    ),
    max_size=12,
)


def fold(session: Session, now: datetime) -> list[date]:
    """Do the night's work within the test's own transaction."""
    return figures.fold(lambda: nullcontext(session), now)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_the_days_say_what_a_recount_says(
    session: Session, now: datetime, acts: list[tuple[int, int, frozenset[int]] | None]
) -> None:
    session.rollback()
    ids = [notice.id for notice in three_notices(session, now)[:2]]
    people = [
        subscribers.create(session, parse_address(f"r{each}@example.ca"), "en", HASH_KEY, now)
        for each in range(3)
    ]
    reads: list[set[int]] = [set(), set(), set()]
    at, ends = now, {organisation.local_day(session, now) - A_DAY: [set(read) for read in reads]}
    for act in acts:
        if act is None:
            fold(session, at)
            continue
        hours, who, chosen = act
        at += timedelta(hours=hours)
        reads[who] = {ids[each] for each in chosen}
        subscriptions.choose(session, people[who], reads[who], evidence=subscriptions.Evidence(), now=at)
        ends[organisation.local_day(session, at)] = [set(read) for read in reads]
    fold(session, at + timedelta(days=3))
    found = {(row.day, row.notice_id): row for row in session.scalars(select(DailyFigure))}
    before: list[set[int]] = [set(), set(), set()]
    for day in sorted({row.day for row in found.values()}):
        after = ends.get(day, before)
        for notice_id in (ALL, *ids):
            was, is_ = ([_reads(each, notice_id) for each in some] for some in (before, after))
            if (row := found.get((day, notice_id))) is None:
                assert not any(is_)
                continue
            pairs = list(zip(was, is_, strict=True))
            counted = (sum(is_), pairs.count((False, True)), pairs.count((True, False)))
            assert (row.readers, row.joined, row.left) == counted, (day, notice_id)
        before = after


def _reads(read: set[int], notice_id: int) -> bool:
    return notice_id in read if notice_id != ALL else bool(read)


def test_a_night_is_done_once_and_what_was_missed_is_made_up(session: Session, now: datetime) -> None:
    three_notices(session, now)
    an_active_reader(session, [1], now)
    midnight = datetime(2026, 3, 3, 7, 0, tzinfo=now.tzinfo)
    assert fold(session, midnight + timedelta(minutes=59)) == [date(2026, 3, 1)]
    assert fold(session, midnight + timedelta(hours=1)) == [date(2026, 3, 2)]
    assert fold(session, midnight + timedelta(hours=2)) == []
    assert fold(session, midnight + timedelta(days=3, hours=1)) == [date(2026, 3, day) for day in (3, 4, 5)]


def test_a_pending_reader_who_stops_has_not_left(session: Session, now: datetime) -> None:
    three_notices(session, now)
    sign_up(session, [1], now)
    reader = session.scalars(select(Subscriber)).one()
    subscriptions.stop(session, reader.id, None, source="page", now=now)
    assert session.scalars(select(ConsentRecord.act)).all() == ["asked", "withdrawn"]
    assert figures.changes(session, now - A_DAY) == {ALL: Change()}


def test_who_was_erased_still_left(session: Session, now: datetime) -> None:
    """Of them the records keep the address's hash and no number."""
    three_notices(session, now)
    reader = an_active_reader(session, [1, 2], now)
    subscriptions.stop(session, reader.id, [1, 2], source="page", now=now + A_DAY)
    erased = update(ConsentRecord).where(ConsentRecord.subscriber_id == reader.id)
    session.execute(erased.values(subscriber_id=None, ip=None, user_agent=None))
    assert figures.changes(session, now, now + A_DAY) == dict.fromkeys((ALL, 1, 2), Change(1, 0))
    assert figures.changes(session, now + A_DAY) == dict.fromkeys((ALL, 1, 2), Change(0, 1))


def test_now_is_the_folded_days_and_today(session: Session, now: datetime) -> None:
    three_notices(session, now)
    rose = an_active_reader(session, [1, 2], now - timedelta(days=40))
    an_active_reader(session, [1], now - timedelta(days=5), address="max@example.ca")
    assert figures.standing(session, now).stands[ALL] == Stand(2, 1, 0)
    fold(session, now)
    subscriptions.stop(session, rose.id, [2], source="page", now=now)
    found = figures.standing(session, now)
    assert found.until is None
    assert found.stands == {ALL: Stand(2, 1, 0), 1: Stand(2, 1, 0), 2: Stand(0, 0, 1)}


def test_of_a_great_day_a_page_counts_nothing(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_notices(session, now)
    an_active_reader(session, [1], now - A_DAY)
    fold(session, now)
    an_active_reader(session, [1], now, address="max@example.ca")
    monkeypatch.setattr(import_module("newsletter_app.figures.standing"), "SHORT", 0)
    found = figures.standing(session, now)
    assert (found.until, found.stands[ALL].readers) == (organisation.local_day(session, now) - A_DAY, 1)


def test_before_the_first_fold_a_great_day_has_no_figures(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not 0 who joined: nobody has counted yet."""
    three_notices(session, now)
    an_active_reader(session, [1], now)
    assert figures.standing(session, now).stands[ALL] == Stand(1, 1, 0)
    monkeypatch.setattr(import_module("newsletter_app.figures.standing"), "SHORT", 0)
    assert figures.standing(session, now) == Standing({}, None)
