"""Results as a table for people; figures are rounded here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from bench.campaign import Measured
from bench.rivals import Rival
from bench.signups import Step

ENGINE: Final = (
    "what", "readers", "octets", "runs", "msg/s", "CPU ms/msg: senders", "database", "sink", "others",
    "db time ms/msg", "peak MB", "conn.", "planned/s", "",
)  # fmt: skip
SIGNUPS: Final = (
    "what", "requests", "per s", "p50 ms", "p99 ms",
    "CPU ms each: web", "service", "database", "generator", "",
)  # fmt: skip
Row = Sequence[str]


def campaign_row(name: str, runs: Sequence[Measured]) -> Row:
    """Return the row of a campaign that was measured one or several times: medians, and what voids it."""
    void = "; ".join(dict.fromkeys(run.void for run in runs if run.void))
    statements = [run.statements_ms for run in runs if run.statements_ms is not None]
    return (
        name,
        f"{runs[0].readers:,}",
        f"{runs[0].octets:,}",
        str(len(runs)),
        f"{median(run.per_second for run in runs):,.0f}",
        *(_ms(median(values)) for values in zip(*(_cpu(run) for run in runs), strict=True)),
        _ms(median(statements)) if statements else "",
        f"{max(run.peak_mb for run in runs):.0f}",
        str(max(run.connections for run in runs)),
        f"{median(run.readers / run.planning_s for run in runs):,.0f}",
        f"VOID: {void}" if void else "",
    )


def rival_row(name: str, runs: Sequence[Rival]) -> Row:
    """Return the row of a rival."""
    void = "; ".join(dict.fromkeys(run.void for run in runs if run.void))
    return (
        name,
        f"{runs[0].messages:,}",
        f"{runs[0].octets:,}",
        str(len(runs)),
        f"{median(run.per_second for run in runs):,.0f}",
        _ms(median(run.sender_ms for run in runs)),
        "",
        _ms(median(run.sink_ms for run in runs)),
        *("", "", "", "", ""),
        f"VOID: {void}" if void else "",
    )


def step_row(database: str, step: Step) -> Row:
    """Return the row of a step on the web."""
    return (
        f"{database}, {step.name}",
        f"{step.requests:,}",
        f"{step.per_second:,.0f}",
        f"{step.p50_ms:.0f}" if step.p50_ms is not None else "",
        f"{step.p99_ms:.0f}" if step.p99_ms is not None else "",
        *(_ms(value) for value in (step.web_ms, step.service_ms, step.database_ms, step.generator_ms)),
        f"VOID: {step.void}" if step.void else "",
    )


def lay_out(titles: Row, rows: Iterable[Row]) -> str:
    """Return the rows below their titles, words to the left and figures to the right."""
    lines = [titles, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Row, widths: Sequence[int]) -> str:
    first, *middle, last = zip(cells, widths, strict=True)
    figures = (cell.rjust(width) for cell, width in middle)
    return "  ".join([first[0].ljust(first[1]), *figures, last[0]]).rstrip()


def _cpu(run: Measured) -> tuple[float, ...]:
    return run.senders_ms, run.database_ms, run.sink_ms, run.others_ms


def _ms(value: float) -> str:
    return f"{value:.3f}"
