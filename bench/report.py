"""A run's results in words: the facts it rests on, the tables, what they say; and the same as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from bench import machine_facts, table
from bench.program import Results

HOW_TO_READ: Final = (
    "msg/s: from the first claim to the moment the last outcome is committed. CPU: user and system time of"
    " the processes, per message. docs/performance.md says how it was measured."
)


def in_words(results: Results) -> str:
    """Return the whole report as text."""
    known = results.machine
    lines = [
        "",
        f"{known['cores']} cores of {known['processor']}, Linux {known['kernel']}, Python {known['python']}",
        *(_settings(facts) for facts in results.databases.values()),
        f"smtp-sink on loopback offers {' '.join(results.extensions)}; we use PIPELINING",
        machine_facts.warning(known),
        *_engine(results),
        *_growth(results),
        *_web(results),
    ]
    verdict = "At least one row is VOID: read nothing into it." if results.is_void() else "No row is void."
    return "\n".join([*(line for line in lines if line is not None), "", verdict])


def as_json(results: Results) -> str:
    """Return everything that was measured, each run by itself."""
    told: dict[str, Any] = {
        "machine": results.machine,
        "extensions": results.extensions,
        "databases": results.databases,
        "octets": results.octets,
        "campaigns": [
            {"scenario": asdict(scenario), "runs": [asdict(run) for run in runs]}
            for scenario, runs in results.campaigns
        ],
        "growth": [{"scenario": asdict(scenario), "run": asdict(run)} for scenario, run in results.growth],
        "rivals": [{"name": name, "runs": [asdict(run) for run in runs]} for name, runs in results.rivals],
        "signups": [{"database": database, **asdict(step)} for database, step in results.steps],
        "void": results.is_void(),
    }
    return json.dumps(told, indent=1)


def _settings(facts: dict[str, str]) -> str:
    told = ", ".join(f"{name}={value}" for name, value in facts.items() if name not in ("version",))
    return f"{facts['version']}: {told}"


def _engine(results: Results) -> list[str]:
    rows = [table.campaign_row(scenario.name, runs) for scenario, runs in results.campaigns]
    rows += [table.campaign_row(f"{each.name}, fresh", [run]) for each, run in results.growth]
    rows += [table.rival_row(name, runs) for name, runs in results.rivals]
    return ["", table.lay_out(table.ENGINE, rows), "", HOW_TO_READ] if rows else []


def _growth(results: Results) -> list[str]:
    """Return a sentence per database on what more readers cost in memory."""
    peaks: dict[str, list[tuple[int, float]]] = {}
    for scenario, run in results.growth:
        peaks.setdefault(scenario.database, []).append((run.readers, run.peak_mb))
    return [
        f"{database}: from {found[0][0]:,} to {found[-1][0]:,} readers a sending process grows by"
        f" {found[-1][1] - found[0][1]:.1f} MB"
        for database, found in peaks.items()
    ]


def _web(results: Results) -> list[str]:
    rows = [table.step_row(database, step) for database, step in results.steps]
    return ["", table.lay_out(table.SIGNUPS, rows)] if rows else []
