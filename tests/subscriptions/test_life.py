"""The life of one reader's subscriptions, played in every order against a model of a few lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import notices, subscribers, subscriptions
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.base import make_engine
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import ConsentRecord, Signup
from newsletter_app.tables import metadata
from tests.factories.people import (
    EVIDENCE,
    HASH_KEY,
    ROSE,
    a_form,
    confirm,
    decide,
    mails,
    sign_up,
    three_notices,
)

EDMONTON = ZoneInfo("America/Edmonton")
NOTICES = (1, 2, 3)
SOME = st.sets(st.sampled_from(NOTICES), min_size=1)


@dataclass
class Model:
    """What one notice of this reader should look like."""

    state: str = "none"
    cursor: int = 0
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass
class World:
    """All that the model knows."""

    rows: dict[int, Model] = field(default_factory=lambda: {notice: Model() for notice in NOTICES})
    heads: dict[int, int] = field(default_factory=lambda: dict.fromkeys(NOTICES, 0))

    def start(self, notice: int) -> None:
        """Make a notice active, unless it is."""
        row = self.rows[notice]
        if row.state != "active":
            row.state, row.cursor, row.ended_at = "active", self.heads[notice], None

    def undo(self, notice: int) -> None:
        """Let a notice go on where it stood when it was stopped."""
        self.rows[notice].state, self.rows[notice].ended_at = "active", None

    def end(self, notice: int, now: datetime, by: str) -> None:
        """End a notice that runs or waits; one that waited stood nowhere."""
        row = self.rows[notice]
        if row.state == "pending":
            row.cursor = self.heads[notice]
        if row.state in ("pending", "active"):
            row.state, row.ended_at, row.ended_by = "ended", now, by


class Life(RuleBasedStateMachine):
    """Every verb a reader or the staff has, in any order, with time passing between."""

    @initialize()
    def begin(self) -> None:
        engine = make_engine("sqlite://")
        metadata.create_all(engine)
        self.session: Session = sessionmaker(engine, expire_on_commit=False)()
        self.now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
        three_notices(self.session, self.now)
        self.signups: list[int] = []
        self.world = World()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            engine = self.session.get_bind()
            self.session.close()
            engine.engine.dispose()

    @property
    def reader(self) -> Subscriber | None:
        return subscribers.find_by_address(self.session, parse_address(ROSE), HASH_KEY)

    @rule(hours=st.sampled_from([1, 7, 24, 24 * 8, 24 * 31]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(notice=st.sampled_from(NOTICES))
    def publish(self, notice: int) -> None:
        self.world.heads[notice] = notices.next_seq(self.session, notice)

    @rule(asked=SOME)
    def sign_up(self, asked: set[int]) -> None:
        self.signups.append(sign_up(self.session, asked, self.now).id)
        for notice in asked:
            if self.world.rows[notice].state in ("none", "ended"):
                self.world.rows[notice].state = "pending"

    @precondition(lambda self: self.signups)
    @rule(pick=st.integers(0, 50))
    def ask_again(self, pick: int) -> None:
        signup = self.picked(pick)
        result = subscriptions.ask_again(self.session, signup, self.now)
        assert (result.code == "too-early") == (self.now < signup.created_at + timedelta(minutes=10))
        for waiting in list(subscriptions.undecided_ids(self.session, 10)):
            decide(self.session, self.session.get_one(Signup, waiting), self.now)

    @rule()
    def ask_for_link(self) -> None:
        decide(self.session, subscriptions.ask_for_link(self.session, a_form(()), self.now), self.now)

    @precondition(lambda self: self.signups)
    @rule(pick=st.integers(0, 50))
    def confirm(self, pick: int) -> None:
        signup = self.picked(pick)
        rows = [self.world.rows[notice] for notice in signup.notice_ids]
        stopped = all(
            row.state == "ended" and row.ended_at and row.ended_at >= signup.created_at for row in rows
        )
        done = signup.confirmed_at is not None or all(row.state == "active" for row in rows)
        old = self.now - signup.created_at > timedelta(days=7)
        expected = "stopped" if stopped else "done" if done else "too-old" if old else "ready"
        assert subscriptions.confirm_page(self.session, signup, self.now).state == expected
        view = confirm(self.session, signup, self.now)
        assert view.state == ("done" if expected == "ready" else expected)
        if expected == "ready":
            for notice in signup.notice_ids:
                self.world.start(notice)
            assert confirm(self.session, signup, self.now) == view

    @precondition(lambda self: self.reader)
    @rule(which=st.one_of(st.none(), SOME), source=st.sampled_from(["one-click", "page"]))
    def stop(self, which: set[int] | None, source: subscriptions.stopping.StopSource) -> None:
        reader = self.reader
        assert reader is not None
        stopped = subscriptions.stop(self.session, reader.id, which, source=source, now=self.now)
        ended = set(stopped.ended)
        for notice in which or NOTICES:
            assert (notice in ended) == (self.world.rows[notice].state in ("pending", "active"))
            self.world.end(notice, self.now, source)

    @precondition(lambda self: self.reader)
    @rule(which=SOME, source=st.sampled_from(["undo", "restart"]))
    def start_again(self, which: set[int], source: subscriptions.stopping.StartSource) -> None:
        reader = self.reader
        assert reader is not None
        started = subscriptions.start_again(
            self.session, reader.id, which, source=source, evidence=EVIDENCE, now=self.now
        )
        window = timedelta(days=1 if source == "undo" else 30)
        for notice in which:
            row = self.world.rows[notice]
            may = row.state in ("pending", "ended") and row.ended_at and self.now - row.ended_at <= window
            may = may and (source == "restart" or row.ended_by in ("page", "one-click"))
            assert (notice in started) == bool(may)
            if may:
                (self.world.undo if source == "undo" else self.world.start)(notice)

    @precondition(lambda self: self.reader)
    @rule(wanted=SOME)
    def choose(self, wanted: set[int]) -> None:
        reader = self.reader
        assert reader is not None
        subscriptions.choose(self.session, reader, wanted, evidence=EVIDENCE, now=self.now)
        for notice in NOTICES:
            if notice in wanted:
                self.world.start(notice)
            else:
                self.world.end(notice, self.now, "choices")

    @rule(which=SOME)
    def add_by_staff(self, which: set[int]) -> None:
        subscriptions.add_by_staff(
            self.session,
            parse_address(ROSE),
            which,
            "en",
            source="paper",
            by="staff@example.org",
            wording="a card",
            hash_key=HASH_KEY,
            now=self.now,
        )
        for notice in which:
            self.world.start(notice)

    def picked(self, pick: int) -> Signup:
        return self.session.get_one(Signup, self.signups[pick % len(self.signups)])

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        reader = self.reader if hasattr(self, "session") else None
        if reader is None:
            return
        found = {row.notice_id: row for row in subscriptions.of_subscriber(self.session, reader.id)}
        for notice, expected in self.world.rows.items():
            row = found.get(notice)
            assert (row.state if row else "none") == expected.state
            if row is not None and expected.state == "active":
                assert row.cursor == expected.cursor

    @invariant()
    def who_is_active_has_said_yes_and_not_no_since(self) -> None:
        reader = self.reader if hasattr(self, "session") else None
        if reader is None:
            return
        said: dict[int, str] = {}
        for record in subscriptions.consents_of(self.session, reader.id):
            if record.act != "asked":
                said[record.notice_id] = record.act
        for row in subscriptions.of_subscriber(self.session, reader.id):
            if row.state == "active":
                assert said[row.notice_id] in ("confirmed", "added", "restarted")

    @invariant()
    def one_mail_a_day_and_one_again(self) -> None:
        if not hasattr(self, "session"):
            return
        days: Counter[tuple[str, str]] = Counter()
        for mail in mails(self.session):
            if mail.kind in ("confirm", "already"):
                slot = (mail.once or "").partition(":")[0]
                days[mail.created_at.astimezone(EDMONTON).date().isoformat(), slot] += 1
        assert set(days.values()) <= {1}
        # One from the form, one re-send; asking for the link shares these same places.
        assert {slot for _, slot in days} <= {"ask", "ask-again"}

    @invariant()
    def nobody_is_welcomed_without_a_yes(self) -> None:
        if not hasattr(self, "session"):
            return
        acts = set(self.session.scalars(select(ConsentRecord.act)))
        if not acts & {"confirmed", "added", "restarted"}:
            assert {mail.kind for mail in mails(self.session)} <= {"confirm", "unknown", "link"}


Life.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLife = Life.TestCase
