"""What happens to thousands of readers and their staff in the course of a day, decided by a seed alone."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tests.planning.acts import Acts
from tests.planning.reader_life import ReaderLife
from tests.planning.world import World

# Few enough that thousands of readers share each moment of a day, about ten: one on a half hour, and one
# whose summer is our winter.
HOURS = (None, None, None, 7, 18)
ZONES = (None, None, None, None, "America/St_Johns", "Pacific/Auckland")
CADENCES = ("each", "each", "weekly", "weekly", "weekly", "monthly")
LAYOUTS = ("standard", "standard", "standard", "large", "text")
# How often each befalls a reader, or the staff, on any one day: all in all, once in four months.
A_READER = {
    "turn": 0.0022, "wish": 0.001, "look": 0.0005, "pause": 0.0012, "go_on": 0.0004, "answer": 0.001,
    "stop": 0.0004, "stop_some": 0.0006, "come_back": 0.0004, "choose": 0.0004,
}  # fmt: skip
FATES = {
    "accepted": 0.975, "deferred": 0.01, "sender-fault": 0.005, "uncertain": 0.004, "expired": 0.004,
    "gone": 0.002,
}  # fmt: skip
A_TIP = 1 / 7  # of a notice, on any one day
IN_TWO, CANCELLED, HELD, TAKEN_BACK = 0.15, 0.04, 0.04, 0.02
AN_OUTAGE = 1 / 20
OUTAGES = (0.2, 1, 3, 5, 8, 30, 80)  # hours
IN_MID_SEND = 0.3
MOMENTS, MOST_NOTICES = 3, 3
# Joiners in one transaction.
AT_ONCE = 500
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


class Fates:
    """The dice of one run."""

    def __init__(
        self, world: World, acts: Acts, readers: int, seed: int, joining: int, part: int = 1
    ) -> None:
        """Let half of the readers be there from the start, and the others join within ``joining`` days."""
        self._world, self._acts, self._dice = world, acts, random.Random(f"{seed} readers {part}")
        # Apart, so that all parts of the readers see much the same being published.
        self._staff = random.Random(f"{seed} staff")
        self._wanted, self._joining, self._joined = readers, joining, 0
        self._lives: list[ReaderLife] = []
        self._notices = world.house.notices
        self._crashes = False
        self._tips: list[int] = []
        self.acted = 0
        world.postman.fate = self._fate

    def live_a_day(self) -> None:
        """Let a day pass, with all that befalls."""
        world, begin = self._world, self._world.now
        for moment in sorted(self._staff.uniform(0, 1) for _ in range(MOMENTS)):
            world.move_to(begin + moment * A_DAY)
            self._let_join()
            with world.house.at_once():
                self._let_readers_act()
                self._publish()
            self._let_staff_act()
            world.tick()
        if self._staff.random() < AN_OUTAGE:
            self._fall()
        world.move_to(begin + A_DAY)
        self._acts.resume_all()

    def _let_join(self) -> None:
        share = self._wanted // 2 if self._joined == 0 else self._wanted / 2 / self._joining / MOMENTS
        left = min(self._count(share), self._wanted - self._joined)
        while left > 0:
            with self._world.house.at_once():
                for _ in range(min(left, AT_ONCE)):
                    self._join()
            left -= AT_ONCE

    def _join(self) -> None:
        self._joined += 1
        notices = self._dice.sample(self._notices, self._dice.randint(1, MOST_NOTICES))
        language = self._dice.choice(("en", "en", "fr"))
        if self._joined <= self._wanted // 2:
            # A sign-up takes some seventy statements, and the other half shows enough of them.
            life = self._acts.begin_with(self._joined, notices, language)
        else:
            life = self._sign_up(notices, language)
        self._lives.append(life)
        for notice in notices:
            self._acts.turn(life, notice, self._dice.choice(CADENCES))
        self._wish(life)

    def _sign_up(self, notices: list[int], language: str) -> ReaderLife:
        signup = self._acts.sign_up(f"reader{self._joined}@example.ca", notices, language)
        life = self._acts.confirm(signup)
        if life is None:
            raise AssertionError("a fresh link does not confirm")
        return life

    def _let_readers_act(self) -> None:
        for name, rate in A_READER.items():
            for life in self._dice.choices(self._lives, k=self._count(rate * len(self._lives) / MOMENTS)):
                self.acted += 1
                getattr(self, f"_{name}")(life)

    def _count(self, mean: float) -> int:
        return int(mean + self._dice.random())

    def _turn(self, life: ReaderLife) -> None:
        self._acts.turn(life, self._dice.choice(self._notices), self._dice.choice(CADENCES))

    def _wish(self, life: ReaderLife) -> None:
        weekday = self._dice.choice((None, None, *range(7)))
        self._acts.wish(life, weekday, self._dice.choice(HOURS), self._dice.choice(ZONES))

    def _look(self, life: ReaderLife) -> None:
        self._acts.look(life, self._dice.choice(("en", "fr")), self._dice.choice(LAYOUTS))

    def _pause(self, life: ReaderLife) -> None:
        self._acts.pause(life, self._hours_on(24 * self._dice.choice((5, 30, 90, 180))))

    def _go_on(self, life: ReaderLife) -> None:
        self._acts.go_on(life)

    def _answer(self, life: ReaderLife) -> None:
        self._acts.answer_missed(life, wanted=self._dice.random() < 0.6)

    def _stop(self, life: ReaderLife) -> None:
        self._acts.stop(life)

    def _stop_some(self, life: ReaderLife) -> None:
        self._acts.stop(life, [self._dice.choice(self._notices)])

    def _come_back(self, life: ReaderLife) -> None:
        self._acts.start_again(life, self._notices)

    def _choose(self, life: ReaderLife) -> None:
        self._acts.choose(life, self._dice.sample(self._notices, self._dice.randint(1, MOST_NOTICES)))

    def _publish(self) -> None:
        staff = self._staff
        for notice in self._notices:
            if staff.random() < A_TIP / MOMENTS:
                others = self._notices if staff.random() < IN_TWO else [notice]
                due_at = self._hours_on(staff.randint(1, 48))
                self._tips.append(self._acts.schedule({notice, staff.choice(others)}, due_at))

    def _hours_on(self, hours: int) -> datetime:
        """Return the full hour so many hours on: nobody chooses a minute."""
        return self._world.now.replace(minute=0, second=0, microsecond=0) + hours * AN_HOUR

    def _let_staff_act(self) -> None:
        world, acts, dice = self._world, self._acts, self._staff
        begun = sorted(world.launches)[-3:]
        for chance, act in (
            (CANCELLED, lambda id_: acts.cancel(id_, give_back=dice.random() < 0.5)),
            (HELD, acts.hold),
        ):
            if begun and dice.random() < chance:
                act(dice.choice(begun))
        for tip in sorted(world.taken_back):
            acts.put_back(tip)
        if self._tips and dice.random() < TAKEN_BACK:
            acts.take_back(dice.choice(self._tips[-3:]))

    def _fall(self) -> None:
        """Let the machine fall, where possible in the middle of planning or sending."""
        world, dice = self._world, self._staff
        self._crashes, world.falls_in = True, dice.randint(0, 3)
        world.move_to(world.now + dice.randint(1, 8) * AN_HOUR)
        self._crashes, world.falls_in = False, None
        world.be_away_until(world.now + dice.choice(OUTAGES) * AN_HOUR)
        world.tick()

    def _fate(self, _campaign: int, _reader: int) -> str:
        if self._crashes and self._dice.random() < IN_MID_SEND:
            return "crash"
        roll = self._dice.random()
        for fate, chance in FATES.items():
            roll -= chance
            if roll < 0:
                return fate
        return "accepted"
