"""What is measured: a run's choices as values, and the campaigns they lead to; it runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, product
from typing import Final

DATABASES: Final = ("postgresql", "sqlite")
PARTS: Final = ("engine", "rivals", "memory", "signups")
REAL, SMALL = SIZES = ("30k", "1k")
READERS: Final = 100_000
SIGNUPS: Final = 5_000
MAIN_RUNS: Final = {"postgresql": 5, "sqlite": 3}
# In a look at everything no process lives long enough to grow.
QUICK_PARTS: Final = ("engine", "rivals", "signups")
QUICK_READERS, QUICK_SIGNUPS = 300, 60
CONNECTIONS: Final = 5  # To each server by each process, unless SMTP_URL says otherwise.
FAR_MS: Final = 50
# A round trip a message makes a far server slow, so that fewer readers tell as much.
FAR_SHARE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One campaign to measure, ``runs`` times; with more than one, smtp-source runs in between.

    ``delay_ms`` is the round trip to the sink, ``connections`` what each sending process opens to it.
    """

    database: str
    readers: int
    processes: int = 2
    size: str = REAL
    dkim: bool = False
    delay_ms: int = 0
    connections: int = CONNECTIONS
    runs: int = 1

    @property
    def alternates(self) -> bool:
        """Whether the rival runs between its runs."""
        return self.runs > 1

    @property
    def name(self) -> str:
        """What the table calls it."""
        signed = ", DKIM" if self.dkim else ""
        far = f", {self.delay_ms} ms away" if self.delay_ms else ""
        return f"{self.database}, {self.processes} proc. × {self.connections} conn., {self.size}{signed}{far}"

    @property
    def workers(self) -> tuple[int, bool, int, int]:
        """What sending processes are started with; campaigns that share it can share them."""
        return self.processes, self.dkim, self.delay_ms, self.connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was asked for on the command line; None and empty stand for "the usual"."""

    databases: Sequence[str] = DATABASES
    parts: Sequence[str] = PARTS
    readers: int = READERS
    signups: int = SIGNUPS
    grow: Sequence[int] = ()
    processes: Sequence[int] = ()
    sizes: Sequence[str] = ()
    dkim: Sequence[bool] = ()
    delays_ms: Sequence[int] = ()
    connections: Sequence[int] = ()
    runs: int | None = None
    with_statements: bool = True

    @property
    def is_usual(self) -> bool:
        """Whether the usual list of campaigns is wanted, since none of its dimensions was named."""
        return not (self.processes or self.sizes or self.dkim or self.delays_ms or self.connections)


def campaigns(choices: Choices, database: str) -> list[Scenario]:
    """Return the campaigns to measure on ``database``, in an order that restarts the workers rarely."""
    return _usual(choices, database) if choices.is_usual else _chosen(choices, database)


def growing(choices: Choices, database: str) -> list[Scenario]:
    """Return the campaigns that show how memory grows with the audience, the smallest first."""
    sizes = sorted(choices.grow) or [max(choices.readers // 10, 1), choices.readers]
    return [Scenario(database=database, readers=readers) for readers in sizes]


def by_workers(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """Return them in groups that can be sent by the same processes one after the other."""
    return [list(alike) for _, alike in groupby(scenarios, lambda each: each.workers)]


def audiences(scenarios: Sequence[Scenario]) -> list[int]:
    """Return the sizes of audience that these campaigns go to."""
    return sorted({scenario.readers for scenario in scenarios})


def _usual(choices: Choices, database: str) -> list[Scenario]:
    main = Scenario(database=database, readers=choices.readers, runs=choices.runs or MAIN_RUNS[database])
    once = replace(main, runs=1)
    far = replace(once, readers=max(choices.readers // FAR_SHARE, 1), delay_ms=FAR_MS)
    return [
        main,
        replace(once, size=SMALL),
        replace(once, processes=1),
        replace(once, processes=4),
        replace(once, dkim=True),
        far,
        replace(far, connections=4 * CONNECTIONS),
    ]


def _chosen(choices: Choices, database: str) -> list[Scenario]:
    """Return every combination of what was named; what was not named is as in the main campaign."""
    return [
        Scenario(
            database=database,
            readers=choices.readers,
            processes=processes,
            size=size,
            dkim=dkim,
            delay_ms=delay_ms,
            connections=connections,
            runs=choices.runs or 1,
        )
        for processes, dkim, delay_ms, connections, size in product(
            choices.processes or (2,),
            choices.dkim or (False,),
            choices.delays_ms or (0,),
            choices.connections or (CONNECTIONS,),
            choices.sizes or (REAL,),
        )
    ]
