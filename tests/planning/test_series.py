"""Series planned: one mail a day whatever is read, in its language, due at the reader's own hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscribers
from newsletter_app.campaigns import Campaign, Edition, EditionItem, Wish, launch_due, schedule_digests
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.local_time import begins_at
from newsletter_app.notices import Notice
from newsletter_app.planning import begin_series, can_begin_series, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import (
    Missed,
    Subscription,
    change_series,
    of_subscriber,
    send_missed,
    series_of,
    stop_series,
)
from newsletter_app.tips import Publication, Tip, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import NO_WISH, make_reader

BEGINS = begins_at(date(2026, 3, 4))
A_DAY = timedelta(days=1)


class Place:
    """Two numbered notices: one with tips 1 to 3, the other with tips 11 and 12."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Set them up; nobody reads them yet."""
        self.session, self.now = session, now
        make_organisation(session)
        self.notices = [make_notice(session, now), make_notice(session, now, "more")]
        self.notices[1].numbered = True
        for notice, numbers in zip(self.notices, [(3, 1, 2), (12, 11)], strict=True):
            notice.offers_series = True
            for number in numbers:
                self.send(notice, number)

    def send(self, notice: Notice, number: int | None) -> Tip:
        """Put a tip into a notice's stream."""
        tip = make_tip(self.session, notice, number, self.now)
        send_into(self.session, tip, [notice.id], self.now)
        self.session.refresh(notice)
        return tip

    def read(
        self,
        number: int,
        *paces: str,
        language: str = "en",
        layout: str = "standard",
        wish: Wish = NO_WISH,
    ) -> Subscriber:
        """Add a reader whose series run at these paces, by notice, and who reads nothing else."""
        chosen = self.notices[: len(paces)]
        reader = make_reader(
            self.session, number, chosen, self.now, language=language, layout=layout, wish=wish
        )
        for notice, pace in zip(chosen, paces, strict=True):
            begin_series(self.session, reader.id, notice.id, pace, live=False, now=self.now)
        return reader

    def day(self, later: int = 0) -> list[tuple[int, list[int | None], str, str]]:
        """Plan a day; return reader, numbers, language and pace of each mail."""
        at = BEGINS + later * A_DAY
        schedule_digests(self.session, at - A_DAY)
        for campaign_id in launch_due(self.session, at):
            while plan_slice(self.session, campaign_id, 2, at):
                continue
        self.session.expire_all()
        name = f"series:{date(2026, 3, 4) + later * A_DAY}"
        rows = (
            select(Delivery.subscriber_id, Tip.number, Edition.language, Edition.pace)
            .join(Campaign, Campaign.id == Delivery.campaign_id)
            .join(Edition, Edition.id == Delivery.edition_id)
            .join(EditionItem, EditionItem.edition_id == Edition.id)
            .join(Publication, Publication.id == EditionItem.publication_id)
            .join(Tip, Tip.id == Publication.tip_id)
            .where(Campaign.occurrence == name)
            .order_by(Delivery.subscriber_id, EditionItem.position)
        )
        found: dict[int, tuple[int, list[int | None], str, str]] = {}
        for reader, number, language, pace in self.session.execute(rows):
            found.setdefault(reader, (reader, [], language, pace))[1].append(number)
        return list(found.values())

    def subscription(self, reader: Subscriber) -> Subscription:
        """Return a reader's subscription to the first notice."""
        return of_subscriber(self.session, reader.id)[0]


@pytest.fixture
def place(session: Session, now: datetime) -> Place:
    return Place(session, now)


def test_each_reader_s_own_next_tip(place: Place) -> None:
    """In number order whatever came out first; one mail for two notices; it tells the faster pace."""
    first = place.read(1, "daily")
    both = place.read(2, "daily", "daily", language="fr")
    assert place.day() == [(first.id, [1], "en", "daily"), (both.id, [1, 11], "fr", "daily")]
    late = place.read(3, "daily")
    assert place.day(1) == [
        (first.id, [2], "en", "daily"),
        (both.id, [2, 12], "fr", "daily"),
        (late.id, [1], "en", "daily"),
    ]
    assert [row[1:] for row in place.day(2)] == [([3], "en", ""), ([3], "fr", ""), ([2], "en", "daily")]


def test_paces_that_differ(place: Place) -> None:
    """A notice that is read once a week is in the mail of its weekday alone."""
    place.read(1, "daily", "weekly", wish=Wish(weekday=3))
    assert [row[1] for row in (*place.day(), *place.day(1), *place.day(2))] == [[1], [2, 11], [3]]


def test_it_is_due_at_the_reader_s_own_hour(place: Place) -> None:
    ours = place.read(1, "daily").id
    theirs = place.read(2, "daily", wish=Wish(hour=23, zone="Pacific/Niue")).id
    place.day()
    rows = place.session.execute(select(Delivery.subscriber_id, Delivery.due_at))
    due = {row.subscriber_id: row.due_at for row in rows}
    assert due[ours] == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert due[theirs] == datetime(2026, 3, 5, 10, tzinfo=UTC)


def test_whoever_has_read_all_gets_new_tips_as_they_come(place: Place) -> None:
    """The day after the last tip finds nothing: the series has finished, and its place is kept."""
    reader = place.read(1, "daily")
    for later in range(3):
        place.day(later)
    series = series_of(place.session, [place.subscription(reader).id])[place.subscription(reader).id]
    assert (series.position, series.finished_at, place.subscription(reader).live) == (3, None, False)
    assert place.day(3) == []
    assert (series.finished_at, place.subscription(reader).live) == (BEGINS + 3 * A_DAY, True)
    assert not can_begin_series(place.session, reader.id, 1)


def test_a_tip_that_stands_in_two_notices_comes_once(place: Place) -> None:
    """Brought by one series, it is skipped in the other, which then has one tip less."""
    send_into(place.session, place.send(place.notices[1], 10), [1], place.now)
    reader = place.read(1, "daily", "daily")
    planned = [place.day(later) for later in range(4)]
    numbers = [number for day in planned for row in day for number in row[1]]
    assert sorted({number for number in numbers if number}) == [1, 2, 3, 10, 11, 12]
    assert numbers.count(10) == 1
    assert reader.id in {row[0] for row in planned[0]}


def test_what_must_be_checked_again_waits(place: Place) -> None:
    """Its review is overdue: it is passed over and keeps its turn, so that nobody else waits for it."""
    reader = place.read(1, "daily")
    tip = place.session.scalars(select(Tip).where(Tip.number == 1)).one()
    tip.review_due = date(2026, 3, 1)
    assert [row[1] for row in place.day()] == [[2]]
    assert [row[1] for row in place.day(1)] == [[3]]
    assert place.day(2) == []
    assert not place.subscription(reader).live, "it still waits for its first tip"
    tip.review_due = None
    assert [row[1] for row in place.day(3)] == [[1]]


def test_a_tip_without_number_comes_last(place: Place) -> None:
    """One of another notice may stand here, too; who reads the series alone is not to lose it."""
    place.read(1, "daily")
    events = make_notice(place.session, place.now, "events")
    send_into(place.session, make_tip(place.session, events, None, place.now), [1], place.now)
    assert [place.day(later)[0][1] for later in range(4)] == [[1], [2], [3], [None]]


def test_layouts_and_languages_are_editions_of_their_own(place: Place) -> None:
    place.read(1, "daily")
    place.read(2, "daily", layout="large")
    place.read(3, "weekly", wish=Wish(weekday=2))
    place.day()
    keys = set(place.session.scalars(select(Edition.key)))
    assert {key.partition("/")[2] for key in keys} == {
        "en/standard/daily",
        "en/large/daily",
        "en/standard/weekly",
    }


def test_an_hour_or_pace_that_is_changed_counts_from_the_next_day(place: Place, now: datetime) -> None:
    reader = place.read(1, "daily")
    place.day()
    change_series(place.session, place.subscription(reader), "weekly", live=False, now=now)
    subscribers.set_wish(place.session, reader, weekday=4, hour=None, time_zone=None)
    assert place.day(1) == []
    assert [row[1] for row in place.day(2)] == [[2]]


def test_what_was_missed_and_is_ahead_comes_once(place: Place, now: datetime) -> None:
    """A series brings what a break let pass, so that it is not offered beside it."""
    reader = make_reader(place.session, 1, place.notices[:1], now)
    publication = place.session.scalars(select(Publication.id).where(Publication.notice_id == 1)).first()
    row = place.subscription(reader)
    place.session.add(Missed(subscription_id=row.id, publication_id=publication))
    place.session.flush()
    begin_series(place.session, reader.id, 1, "daily", live=True, now=now)
    send_missed(place.session, reader.id, now)
    assert [place.day(later)[0][1] for later in range(3)] == [[1], [2], [3]]
    assert place.day(3) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pace": "hourly"}, "series-pace-unknown"),
        ({"offers": False}, "series-not-offered"),
        ({"state": "ended"}, "series-not-offered"),
        ({"state": "pending"}, "series-not-offered"),
    ],
)
def test_what_cannot_begin(place: Place, now: datetime, change: dict[str, object], code: str) -> None:
    reader = make_reader(place.session, 1, place.notices[:1], now, state=str(change.get("state", "active")))
    place.notices[0].offers_series = bool(change.get("offers", True))
    place.session.flush()
    with pytest.raises(Breach) as refused:
        begin_series(place.session, reader.id, 1, str(change.get("pace", "daily")), live=True, now=now)
    assert refused.value.code == code
    assert not series_of(place.session, [place.subscription(reader).id])


def test_what_does_not_run_is_neither_changed_nor_stopped(place: Place, now: datetime) -> None:
    reader = make_reader(place.session, 1, place.notices[:1], now)
    assert not change_series(place.session, place.subscription(reader), "daily", live=False, now=now)
    assert not stop_series(place.session, place.subscription(reader))
    assert place.subscription(reader).live
