"""Readers' lives in any order, lived by the product and by the model at once; only we move the clock."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import URL, Connection, Engine

from newsletter_app.kernel.base import make_engine
from newsletter_app.planning import next_mail_at
from tests.conftest import empty_postgres
from tests.planning.acts import Acts
from tests.planning.reader_life import ReaderLife
from tests.planning.world import World

NOTICES, READERS = 3, 4
# Two days before the clocks of most of Canada go forward.
BEGIN = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
ZONES = [None, "America/St_Johns", "America/Vancouver", "Pacific/Kiritimati", "Pacific/Niue"]
FATES = ["uncertain", "gone", "sender-fault", "expired", "deferred", "crash"]
AN_HOUR, A_WEEK = timedelta(hours=1), timedelta(days=7)
# Until the last month's mail is over.
QUIET = timedelta(days=40)

Fresh = Callable[[], Engine]

readers = st.integers(0, READERS - 1)
notices = st.integers(0, NOTICES - 1)
some_notices = st.sets(notices, min_size=1)
cadences = st.sampled_from(["each", "weekly", "weekly", "monthly"])
tips = st.integers(0, 5)


class Lives(RuleBasedStateMachine):
    """A few readers, notices and tips; after every rule the tick passes, as it does every two seconds."""

    def __init__(self, fresh: Fresh, folder: Path) -> None:
        """Begin on an empty database."""
        super().__init__()
        self.engine = fresh()
        self.world = World(self.engine, folder, BEGIN, NOTICES)
        self.acts = Acts(self.world)
        self.notices = self.world.house.notices
        self.signups: dict[int, list[int]] = {reader: [] for reader in range(READERS)}
        self.lives: dict[int, ReaderLife] = {}
        self.tips: list[int] = []
        self.fates: dict[int, str] = {}
        self.world.postman.fate = lambda _campaign, reader: self.fates.pop(reader, "accepted")
        self.world.slice = 2

    @initialize(cadence=cadences)
    def begin(self, cadence: str) -> None:
        """Let two readers begin with two notices."""
        for reader in (0, 1):
            self.sign_up(reader, {0, 1})
            self.confirm(reader)
        self.turn(1, 0, cadence)

    @rule(reader=readers, chosen=some_notices)
    def sign_up(self, reader: int, chosen: set[int]) -> None:
        """Post the form."""
        theirs = [self.notices[place] for place in chosen]
        self.signups[reader].append(self.acts.sign_up(f"reader{reader}@example.ca", theirs))
        self.tick()

    @rule(reader=readers)
    def confirm(self, reader: int) -> None:
        """Press the button behind the newest link."""
        if self.signups[reader]:
            life = self.acts.confirm(self.signups[reader].pop())
            if life is not None:
                self.lives[reader] = life
            self.tick()

    @rule(reader=readers, notice=notices, cadence=cadences)
    def turn(self, reader: int, notice: int, cadence: str) -> None:
        """Have a notice more or less often."""
        self.let(reader, lambda life: self.acts.turn(life, self.notices[notice], cadence))

    @rule(
        reader=readers,
        weekday=st.none() | st.integers(0, 6),
        hour=st.none() | st.sampled_from([0, 2, 9, 23]),
        zone=st.sampled_from(ZONES),
    )
    def wish(self, reader: int, weekday: int | None, hour: int | None, zone: str | None) -> None:
        """Choose weekday, hour and zone; two in the morning is skipped in spring."""
        self.let(reader, lambda life: self.acts.wish(life, weekday, hour, zone))

    @rule(
        reader=readers, language=st.sampled_from(["en", "fr"]), layout=st.sampled_from(["standard", "text"])
    )
    def look(self, reader: int, language: str, layout: str) -> None:
        """Choose language and layout."""
        self.let(reader, lambda life: self.acts.look(life, language, layout))

    @rule(reader=readers, hours=st.integers(1, 24 * 20))
    def pause(self, reader: int, hours: int) -> None:
        """Pause for a while."""
        self.let(reader, lambda life: self.acts.pause(life, self.world.now + hours * AN_HOUR))

    @rule(reader=readers)
    def go_on(self, reader: int) -> None:
        """End the pause."""
        self.let(reader, self.acts.go_on)

    @rule(reader=readers, wanted=st.booleans())
    def answer_missed(self, reader: int, wanted: bool) -> None:
        """Take what was missed, or decline it."""
        self.let(reader, lambda life: self.acts.answer_missed(life, wanted=wanted))

    @rule(reader=readers, chosen=st.none() | some_notices)
    def stop(self, reader: int, chosen: set[int] | None) -> None:
        """Stop some notices, or all."""
        theirs = None if chosen is None else [self.notices[place] for place in chosen]
        self.let(reader, lambda life: self.acts.stop(life, theirs))

    @rule(reader=readers)
    def start_again(self, reader: int) -> None:
        """Come back by the goodbye mail's link."""
        self.let(reader, lambda life: self.acts.start_again(life, self.notices))

    @rule(reader=readers, chosen=some_notices)
    def choose(self, reader: int, chosen: set[int]) -> None:
        """Choose among the notices."""
        self.let(reader, lambda life: self.acts.choose(life, [self.notices[place] for place in chosen]))

    @rule(chosen=some_notices, hours=st.sampled_from([0, 0, 1, 20, 100]))
    def schedule(self, chosen: set[int], hours: int) -> None:
        """Schedule a tip."""
        due_at = self.world.now + hours * AN_HOUR
        self.tips.append(self.acts.schedule([self.notices[place] for place in chosen], due_at))
        self.tick()

    @rule(place=tips)
    def take_back(self, place: int) -> None:
        """Take a tip back, or put it up again; what stood still goes on when staff say so."""
        if place < len(self.tips):
            tip = self.tips[place]
            if tip in self.world.taken_back:
                self.acts.put_back(tip)
            else:
                self.acts.take_back(tip)
            self.tick()

    @rule(place=tips, give_back=st.booleans())
    def cancel_tip(self, place: int, give_back: bool) -> None:
        """Cancel a tip's campaign."""
        if place < len(self.tips):
            self.acts.cancel(self.acts.campaigns[self.tips[place]], give_back=give_back)
            self.tick()

    @rule(give_back=st.booleans())
    def cancel_digest(self, give_back: bool) -> None:
        """Cancel the newest weekly or monthly campaign that began."""
        begun = [launch.id for launch in self.world.launches.values() if launch.day is not None]
        if begun:
            self.acts.cancel(max(begun), give_back=give_back)
            self.tick()

    @rule()
    def hold(self) -> None:
        """Pause the newest campaign that began."""
        if self.world.launches:
            self.acts.hold(max(self.world.launches))
            self.tick()

    @rule()
    def resume(self) -> None:
        """Let everything go on that stands still."""
        self.acts.resume_all()
        self.tick()

    @rule(reader=readers, fate=st.sampled_from(FATES))
    def doom(self, reader: int, fate: str) -> None:
        """Let the reader's next mail end otherwise than usual."""
        if reader in self.lives:
            self.fates[self.lives[reader].id] = fate

    @rule(hours=st.sampled_from([1, 5, 24, 24, 24 * 3, 24 * 8]))
    def live_on(self, hours: int) -> None:
        """Let time pass."""
        self.world.move_to(self.world.now + hours * AN_HOUR)

    @rule(hours=st.sampled_from([1, 5, 7, 24 * 2, 24 * 9]))
    def be_away(self, hours: int) -> None:
        """Let the machine stand still for a while, and come back."""
        self.world.be_away_until(self.world.now + hours * AN_HOUR)
        self.world.tick()

    @precondition(lambda self: not self.fates)
    @rule(reader=readers)
    def ask(self, reader: int) -> None:
        """Ask when the next mail comes, and see: then it comes, and none before."""
        life = self.lives.get(reader)
        self.acts.resume_all()
        self.tick()
        if life is None or life.suppressed or self.acts.held():
            return
        with self.world.house.unit_of_work() as session:
            told = next_mail_at(session, life.id, self.world.now)
        self.world.postman.last.pop(life.id, None)
        until = self.world.now + A_WEEK
        self.world.move_to(until if told is None else min(told, until))
        came = self.world.postman.last.get(life.id)
        expected = told if told is not None and told <= until else None
        assert came == expected, f"told {told}, came {came} by {self.world.now}"

    def teardown(self) -> None:
        """Let everything become quiet: nothing may lie in a tray then."""
        try:
            self._become_quiet()
        finally:
            self.engine.dispose()

    def _become_quiet(self) -> None:
        self.fates.clear()
        for tip in sorted(self.world.taken_back):
            self.acts.put_back(tip)
        self.acts.resume_all()
        for life in self.lives.values():
            self.acts.go_on(life)
        self.tick()
        self.acts.schedule(self.notices, self.world.now)
        self.tick()
        self.world.move_to(self.world.now + QUIET)
        left = {life.id: life.awaited() for life in self.lives.values() if life.awaited()}
        assert not left, f"never came: {left}"
        assert not any(life.under_way for life in self.lives.values())

    def let(self, reader: int, act: Callable[[ReaderLife], object]) -> None:
        """Let a reader do something, if they ever confirmed."""
        if reader in self.lives:
            act(self.lives[reader])
            self.tick()

    def tick(self) -> None:
        """Let a second and the tick pass."""
        self.world.move_to(self.world.now + timedelta(seconds=1))
        self.world.tick()


def test_nothing_is_lost_doubled_or_early(sqlite_model: Path, tmp_path: Path) -> None:
    place = tmp_path / "lives.db"

    def fresh() -> Engine:
        for left in tmp_path.glob("lives.db*"):
            left.unlink()
        shutil.copyfile(sqlite_model, place)
        return make_engine(f"sqlite:///{place}")

    _live(fresh, tmp_path, examples=4)


@pytest.mark.postgres
def test_nor_on_postgresql(postgres_admin: Connection, postgres_database: URL, tmp_path: Path) -> None:
    def fresh() -> Engine:
        empty_postgres(postgres_admin)
        return make_engine(postgres_database)

    _live(fresh, tmp_path, examples=2)


def _live(fresh: Fresh, folder: Path, examples: int) -> None:
    run_state_machine_as_test(
        lambda: Lives(fresh, folder),
        settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, derandomize=True),
    )
