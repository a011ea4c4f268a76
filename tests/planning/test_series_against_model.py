"""Series against the brute-force model, in random histories: no tip lost, doubled, out of order or early."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, CampaignNotice, EditionItem
from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, Place, claim_rows
from newsletter_app.kernel.errors import Breach
from newsletter_app.ledger import NextState, Record, State, open_sender, raise_claim_no, record
from newsletter_app.notices import Notice
from newsletter_app.planning import begin_series, plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import (
    Subscription,
    change_series,
    extend_series,
    go_on,
    of_subscriber,
    stop_series,
)
from newsletter_app.subscriptions.starting import activate
from newsletter_app.tips import Publication, Tip, send_into
from tests.factories.engine import make_reader
from tests.planning.series_model import ModelReader

READERS, NUMBERS = 2, 6
BEGIN = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)

readers, numbers = st.integers(0, READERS - 1), st.integers(1, NUMBERS)
steps = st.one_of(
    st.tuples(st.just("publish"), numbers),
    st.tuples(st.just("publish"), numbers),
    st.tuples(st.just("put_up"), numbers),
    st.tuples(st.just("begin"), readers, st.booleans()),
    st.tuples(st.just("begin"), readers, st.booleans()),
    st.tuples(st.just("day")),
    st.tuples(st.just("day")),
    st.tuples(st.just("day")),
    st.tuples(st.just("claim"), st.sets(readers)),
    st.tuples(st.just("claim"), st.sets(readers)),
    st.tuples(st.just("turn"), readers, st.booleans()),
    st.tuples(st.just("stop"), readers),
    st.tuples(st.just("pause"), readers),
    st.tuples(st.just("withdraw"), numbers),
    st.tuples(st.just("end"), readers),
)


class History:
    """One history, lived by the product and by the model at once."""

    def __init__(self, session: Session) -> None:
        """Begin with a numbered notice, two active readers, and tips 2 and 4 in its stream."""
        self.session, self.now = session, BEGIN
        self.notice = Notice(key="tips", numbered=True, offers_series=True, created_at=BEGIN)
        session.add(self.notice)
        session.flush()
        self.tips: dict[int, Tip] = {}
        for number in (2, 4):
            send_into(session, self.tip(number), [self.notice.id], self.now)
        session.refresh(self.notice)
        self.readers = [make_reader(session, r, [self.notice], BEGIN) for r in range(READERS)]
        self.model = [ModelReader() for _ in range(READERS)]
        self.withdrawn: set[int] = set()
        self.placed, self.streamed = {2, 4}, {2, 4}
        self.sender = open_sender(session, "bulk", "host", "boot", 1, BEGIN).id

    def tip(self, number: int) -> Tip:
        """Return the tip with this number, on the web from now on."""
        if number not in self.tips:
            self.tips[number] = Tip(
                notice_id=self.notice.id, number=number, state="published", created_at=self.now
            )
            self.session.add(self.tips[number])
            self.session.flush()
        return self.tips[number]

    def live(self, step: tuple[Any, ...]) -> None:
        """Take one step, a day after the last."""
        self.now += timedelta(days=1)
        getattr(self, step[0])(*step[1:])
        self.session.flush()

    def publish(self, number: int) -> None:
        """Send a tip into the stream, and plan its launch; one that was sent before is left alone."""
        if number in self.streamed or number in self.withdrawn:
            return
        tip = self.tip(number)
        send_into(self.session, tip, [self.notice.id], self.now)
        self.streamed.add(number)
        self.placed.add(number)
        for reader in self.model:
            reader.came_out(number)
        campaign = Campaign(occurrence=f"tip:{number}", tip_id=tip.id, cadence="each")
        self.plan(campaign, [reader.next_live(self.withdrawn) for reader in self.model])

    def put_up(self, number: int) -> None:
        """Put a tip on the web that mails nobody."""
        self.tip(number)

    def day(self) -> None:
        """Plan a series day, as its launch does."""
        extend_series(self.session, self.now)
        self.place()
        day = date(2026, 1, 1) + timedelta(days=(self.now - BEGIN).days)
        campaign = Campaign(occurrence=f"series:{day}", cadence="series", day=day)
        self.plan(campaign, [reader.next_turn(self.withdrawn) for reader in self.model])

    def place(self) -> None:
        """Put what is on the web alone ahead of everybody whose series runs."""
        fresh = set(self.tips) - self.placed - self.withdrawn
        self.placed |= fresh
        for reader in self.model:
            if reader.series == "running":
                reader.ahead |= fresh
                reader.archive |= fresh

    def plan(self, campaign: Campaign, expected: list[set[int]]) -> None:
        """Plan a campaign in slices of one reader, and compare who gets what."""
        session = self.session
        facts = {"state": "planning", "due_at": self.now, "created_at": self.now, "started_at": self.now}
        for name, value in (facts | {"expires_at": self.now + timedelta(days=400), "planned_to": 0}).items():
            setattr(campaign, name, value)
        session.add(campaign)
        session.flush()
        session.add(CampaignNotice(campaign_id=campaign.id, notice_id=self.notice.id))
        session.flush()
        while plan_slice(session, campaign.id, 1, self.now):
            pass
        session.expire_all()
        assert [self.planned(campaign.id, reader) for reader in self.readers] == expected

    def planned(self, campaign_id: int, reader: Subscriber) -> set[int]:
        """Return the numbers of the tips that a reader's delivery holds."""
        mine = Delivery.campaign_id == campaign_id, Delivery.subscriber_id == reader.id
        held = (
            select(Tip.number)
            .join(Publication, Publication.tip_id == Tip.id)
            .join(EditionItem, EditionItem.publication_id == Publication.id)
            .join(Delivery, Delivery.edition_id == EditionItem.edition_id)
        )
        return {number for number in self.session.scalars(held.where(*mine)) if number is not None}

    def begin(self, r: int, live: bool) -> None:
        """Begin a series, or begin it anew."""
        try:
            begin_series(self.session, self.readers[r].id, self.notice.id, "daily", live=live, now=self.now)
        except Breach:
            assert not self.model[r].active
            return
        self.place()
        self.model[r].begin(self.placed, live=live)

    def turn(self, r: int, live: bool) -> None:
        """Have live tips meanwhile or not."""
        assert change_series(self.session, self.row(r), "daily", live=live, now=self.now) == (
            self.model[r].series == "running"
        )
        if self.model[r].series == "running":
            self.model[r].turn(live=live)

    def stop(self, r: int) -> None:
        """Stop the series."""
        assert stop_series(self.session, self.row(r)) == (self.model[r].series != "none")
        self.model[r].stop()

    def row(self, r: int) -> Subscription:
        """Return a reader's subscription."""
        self.session.expire_all()
        return of_subscriber(self.session, self.readers[r].id)[0]

    def pause(self, r: int) -> None:
        """Pause a reader for long, or end the pause."""
        if self.model[r].paused:
            go_on(self.session, self.readers[r], self.now)
            self.model[r].go_on()
        else:
            self.readers[r].paused_until = BEGIN + timedelta(days=365)
            self.model[r].paused = True

    def withdraw(self, number: int) -> None:
        """Take a tip back, or put it on the web again."""
        if number not in self.tips:
            return
        again = number in self.withdrawn
        self.tips[number].withdrawn_at = None if again else self.now
        (self.withdrawn.discard if again else self.withdrawn.add)(number)

    def end(self, r: int) -> None:
        """Stop the notice, or confirm it again: its series goes with it."""
        row, reader = self.row(r), self.model[r]
        if reader.active:
            row.state, reader.active = "ended", False
            return
        activate(self.session, self.readers[r].id, [self.notice.id], self.now)
        self.model[r] = ModelReader(paused=reader.paused, had=reader.had)

    def claim(self, unlucky: set[int]) -> None:
        """Claim all that waits; who is unlucky gets nothing, since the mail expires."""
        waiting = (
            select(Campaign.id, Campaign.cadence).where(Campaign.state == "sending").order_by(Campaign.id)
        )
        for campaign_id, cadence in self.session.execute(waiting).all():
            for shard in range(SHARDS):
                self.claim_shard(campaign_id, shard, unlucky, of_series=cadence == "series")

    def claim_shard(self, campaign_id: int, shard: int, unlucky: set[int], *, of_series: bool) -> None:
        """Claim a shard, compare what it says of each reader, and record what became of their mails."""
        mine = Delivery.campaign_id == campaign_id, Delivery.shard == shard, Delivery.state == "queued"
        ids = list(self.session.scalars(select(Delivery.subscriber_id).where(*mine)))
        if not ids:
            return
        claim_no = raise_claim_no(self.session, self.sender, self.now)
        place = Place(campaign_id, shard, self.sender, claim_no)
        claimed = {row.subscriber_id: row for row in claim_rows(self.session, place, self.now, 10).rows}
        for subscriber_id in ids:
            r = next(r for r, reader in enumerate(self.readers) if reader.id == subscriber_id)
            verdict, numbers = (
                self.model[r].may_get(of_series=of_series),
                self.planned(campaign_id, self.readers[r]),
            )
            assert (subscriber_id in claimed) == (verdict == "sendable")
            if verdict != "sendable":
                self.model[r].not_delivered(
                    numbers, of_series=of_series, given_back=verdict in ("paused", "changed")
                )
                continue
            ending = State.expired if r in unlucky else State.accepted
            ids_ = claimed[subscriber_id].ids
            record(
                self.session,
                DELIVERIES,
                self.sender,
                [Record(ids_, claim_no, NextState(ending), None, "s")],
                self.now,
            )
            if ending is State.expired:
                self.model[r].not_delivered(numbers, of_series=of_series, given_back=True)


IN_ORDER = [
    ("publish", 5),
    ("begin", 0, False),
    ("day",),
    ("publish", 1),
    ("day",),
    ("day",),
    ("claim", set()),
]
LOWER_LATER = [("begin", 0, False), ("day",), ("day",), ("publish", 3), ("publish", 1), ("stop", 0)]
LIVE_TOO = [("begin", 0, True), ("day",), ("publish", 3), ("day",), ("claim", {0}), ("day",)]
TURNED = [
    ("begin", 0, False),
    ("publish", 5),
    ("turn", 0, True),
    ("publish", 6),
    ("turn", 0, False),
    ("day",),
]
TAKEN_BACK = [("begin", 0, False), ("withdraw", 2), ("day",), ("withdraw", 2), ("day",), ("day",)]
SENT_AT_LAST = [("put_up", 1), ("begin", 0, True), ("day",), ("publish", 1), ("day",)]
SENT_TO_BOTH = [("put_up", 1), ("begin", 0, True), ("publish", 1), ("day",), ("day",)]
ON_THE_WEB_LATER = [("begin", 0, False), ("put_up", 1), ("begin", 1, True), ("day",), ("day",), ("stop", 0)]
PAUSED = [("begin", 0, False), ("pause", 0), ("publish", 1), ("day",), ("pause", 0), ("day",), ("day",)]
PAUSED_LIVE = [("begin", 0, True), ("pause", 0), ("publish", 1), ("pause", 0), ("publish", 3), ("day",)]
STOPPED_WITH_A_MAIL = [
    ("begin", 0, False),
    ("day",),
    ("stop", 0),
    ("claim", set()),
    ("begin", 0, True),
    ("day",),
]
EXPIRED_AT_THE_END = [("begin", 0, False), ("day",), ("day",), ("day",), ("claim", {0}), ("publish", 1)]
PLANNED_LIVE = [("publish", 5), ("begin", 0, False), ("claim", set()), ("day",), ("stop", 0), ("publish", 6)]
ENDED = [("begin", 0, False), ("day",), ("end", 0), ("claim", set()), ("end", 0), ("day",), ("publish", 1)]


@example(IN_ORDER)
@example(LOWER_LATER)
@example(LIVE_TOO)
@example(TURNED)
@example(TAKEN_BACK)
@example(SENT_AT_LAST)
@example(SENT_TO_BOTH)
@example(ON_THE_WEB_LATER)
@example(PAUSED)
@example(PAUSED_LIVE)
@example(STOPPED_WITH_A_MAIL)
@example(EXPIRED_AT_THE_END)
@example(PLANNED_LIVE)
@example(ENDED)
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(st.lists(steps, min_size=4, max_size=12))
def test_everybody_reads_what_the_model_says(engine: Engine, history: list[tuple[Any, ...]]) -> None:
    """Beginnings, turns, stops, pauses, low numbers that come late, and mails that are lost, in any order."""
    with Session(engine) as session:
        lived = History(session)
        for step in history:
            lived.live(step)
        for last in (*[("day",)] * 3, ("claim", set()), ("day",), ("publish", 6)):
            lived.live(last)
        session.rollback()
