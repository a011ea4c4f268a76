"""The plan of a chaos round: what is done to the running campaign and when, from a seed alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

BULK, ALL_BULK, NEWBORN, LEAVE = "bulk worker", "all bulk workers", "newborn", "bulk worker told to leave"
SERVICE, BEAT = "service worker", "beat"
BROKER, BROKER_STILL, DATABASE = "broker", "broker held still", "database"
LAUNCHER, EVERYTHING = "launcher", "everything of a host"

# How often each is drawn; what brings the most processes down takes the longest to come back.
WEIGHTS = {
    BULK: 4, ALL_BULK: 3, NEWBORN: 3, LEAVE: 3, SERVICE: 3, BEAT: 2,
    BROKER: 3, BROKER_STILL: 2, DATABASE: 4, LAUNCHER: 1, EVERYTHING: 1,
}  # fmt: skip
EVERY_ROUND = (BULK,)
EXTRAS = (2, 3)
PLANNING = 0.15  # The share of blows that fall while the campaign is still being planned.
EMBEDDED_EVERY = 5
SECOND_BEAT = 0.2


@dataclass(frozen=True, slots=True)
class Blow:
    """One blow: when so many of the readers (0 to 1) were mailed and ``after`` seconds more have passed.

    ``dice`` in [0, 1) chooses among several victims; ``pause`` is how long the victim stays as it is, in
    seconds, where nobody but us brings it back.
    """

    kind: str
    share: float
    after: float
    dice: float
    pause: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A round: its number and seed, on which set, whether with a second beat, and its blows in order."""

    number: int
    seed: str
    is_embedded: bool
    has_second_beat: bool
    blows: tuple[Blow, ...]

    def words(self) -> str:
        """Return the set in short."""
        return f"{'embedded' if self.is_embedded else 'larger set'}{', two beats' * self.has_second_beat}"


def plan_round(seed: int, number: int, extras: Sequence[int] = EXTRAS) -> Plan:
    """Return the plan of round ``number``: a bulk worker is killed, and one of so many ``extras`` besides.

    Every fifth round is played on the embedded set, which has no database to kill.
    """
    dice, is_embedded = random.Random(f"{seed}:{number}"), number % EMBEDDED_EVERY == 0
    left = {kind: weight for kind, weight in WEIGHTS.items() if not (is_embedded and kind == DATABASE)}
    kinds = list(EVERY_ROUND)
    for _ in range(dice.choice(extras)):
        kinds += dice.choices(list(left), list(left.values()))
        if kinds[-1] not in EVERY_ROUND:
            del left[kinds[-1]]
    blows = sorted((_blow(dice, kind) for kind in kinds), key=lambda blow: blow.share)
    return Plan(number, f"{seed}:{number}", is_embedded, dice.random() < SECOND_BEAT, tuple(blows))


def _blow(dice: random.Random, kind: str) -> Blow:
    share = 0.0 if dice.random() < PLANNING else dice.uniform(0.02, 0.85)
    # While it is planned nothing is mailed, so only time tells the moments apart.
    return Blow(kind, share, dice.uniform(0, 0.05 if share else 1.0), dice.random(), dice.uniform(0.2, 2.0))
