"""The run: databases in turn, on each the campaigns, memory and sign-ups; results are kept as measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import campaign, content, machine_facts, rivals, scenarios, signups
from bench.campaign import Measured
from bench.installation import Installation, add_readers, filesystem, open_installation
from bench.postfix_programs import Programs, find_programs
from bench.rivals import Rival
from bench.scenarios import REAL, Choices, Scenario
from bench.signups import Step
from bench.sink import Sink, mail_sink

# The rivals send the same mail every time, so fewer of them tell as much.
TRIAL_SHARE, NAIVE_SHARE = 5, 50
Say = Callable[[str], None]


@dataclass(slots=True)
class Results:
    """Everything a run found out, in the order it was measured."""

    machine: dict[str, Any]
    extensions: list[str] = field(default_factory=list)
    databases: dict[str, dict[str, str]] = field(default_factory=dict)
    octets: dict[str, int] = field(default_factory=dict)
    campaigns: list[tuple[Scenario, list[Measured]]] = field(default_factory=list)
    growth: list[tuple[Scenario, Measured]] = field(default_factory=list)
    rivals: list[tuple[str, list[Rival]]] = field(default_factory=list)
    steps: list[tuple[str, Step]] = field(default_factory=list)

    def is_void(self) -> bool:
        """Tell whether any part of the run tells nothing."""
        measured = [run for _, runs in self.campaigns for run in runs] + [run for _, run in self.growth]
        voids = [run.void for run in measured] + [run.void for _, runs in self.rivals for run in runs]
        return any(voids) or any(step.void for _, step in self.steps)


def run(choices: Choices, base: Path, say: Say) -> Results:
    """Measure what was chosen, with everything that is written in a new folder below ``base``.

    Raises NoPostfix where the sink cannot be had.
    """
    programs = find_programs()
    results = Results(machine_facts.facts())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=base)))
        # smtp-sink, which does not stay root, writes its counters there.
        folder.chmod(0o755)
        sink = stack.enter_context(mail_sink(programs, folder))
        results.extensions = sink.extensions()
        bench = _Bench(choices, base, programs, sink, results, say)
        for database in choices.databases:
            bench.on(database, folder / database)
    return results


@dataclass(slots=True)
class _Bench:
    """What the parts of a run share; ``sessions`` is smtp-source's best number of them, by size and whether
    it keeps its connections.
    """

    choices: Choices
    base: Path
    programs: Programs
    sink: Sink
    results: Results
    say: Say
    sessions: dict[tuple[str, bool], int] = field(default_factory=dict)

    def on(self, database: str, folder: Path) -> None:
        """Measure everything that was chosen on one database."""
        parts = self.choices.parts
        sent = scenarios.campaigns(self.choices, database) if "engine" in parts else []
        growing = scenarios.growing(self.choices, database) if "memory" in parts else []
        folder.mkdir()
        self.say(f"{database}: preparing")
        with open_installation(database, self.base, folder, self.sink) as installation:
            self._introduce(installation)
            if "rivals" in parts and not self.sessions:
                self._meet_rivals(installation, {scenario.size for scenario in sent})
            add_readers(installation, scenarios.audiences([*sent, *growing]))
            for alike in scenarios.by_workers(sent):
                processes, dkim, delay_ms, connections = alike[0].workers
                with installation.running(processes, dkim=dkim, delay_ms=delay_ms, connections=connections):
                    for scenario in alike:
                        self._send(installation, scenario)
                    if alike[0] is sent[0] and "signups" in parts:
                        self._sign_up(installation)
            for scenario in growing:
                # A process keeps its peak for life, so each audience gets fresh ones.
                with installation.running(scenario.processes):
                    self.results.growth.append((scenario, self._measure(installation, scenario)))
            if not sent and "signups" in parts:
                with installation.running():
                    self._sign_up(installation)

    def _introduce(self, installation: Installation) -> None:
        self.results.databases[installation.database] = {
            "version": installation.version(),
            "filesystem": filesystem(installation, self.base),
            **installation.durability(),
        }

    def _meet_rivals(self, installation: Installation, sizes: Collection[str]) -> None:
        """Find smtp-source's best number of sessions for every size, and send as one writes it first."""
        text, html, octets = content.for_rivals(installation.ports, installation.next_number())
        messages = max(self.choices.readers // TRIAL_SHARE, 1)
        for size in sorted({REAL, *sizes}, reverse=True):
            self.results.octets[size] = octets[size]
            for kept in (True, False):
                found = rivals.best_sessions(self.programs, self.sink, octets[size], messages, kept=kept)
                self.sessions[size, kept], tried = found
                for rival in tried:
                    self._note(f"{rival.name}, {size}", [rival])
        messages = max(self.choices.readers // NAIVE_SHARE, 1)
        naive = rivals.naive(self.sink, text, html, octets[REAL], messages)
        self._note(f"{naive.name}, {REAL}", [naive])

    def _send(self, installation: Installation, scenario: Scenario) -> None:
        """Measure a campaign as often as asked for, its rival in between, both ways.

        Far away the rival keeps its connections: to open one takes it several round trips a message.
        """
        runs: list[Measured] = []
        theirs: dict[bool, list[Rival]] = {True: []} if scenario.delay_ms else {True: [], False: []}
        for _ in range(scenario.runs):
            runs.append(self._measure(installation, scenario))
            for kept, reached in theirs.items():
                if scenario.alternates and (scenario.size, kept) in self.sessions:
                    reached.append(self._rival(scenario, installation.sink_port, kept=kept))
        self.results.campaigns.append((scenario, runs))
        for reached in filter(None, theirs.values()):
            far = f", {scenario.delay_ms} ms away" if scenario.delay_ms else ""
            self._note(f"{reached[0].name}, {scenario.size}{far}, in between on {scenario.database}", reached)

    def _measure(self, installation: Installation, scenario: Scenario) -> Measured:
        measured = campaign.measure(installation, scenario, statements=self.choices.with_statements)
        void = f" VOID: {measured.void}" if measured.void else ""
        self.say(
            f"{scenario.name}: {measured.readers:,} readers, {measured.per_second:,.0f} messages/s,"
            f" {measured.senders_ms:.3f} ms CPU in the senders{void}"
        )
        return measured

    def _rival(self, scenario: Scenario, port: int, *, kept: bool) -> Rival:
        """Send as often over as many sessions; on loopback over those with which smtp-source is fastest."""
        octets, sessions = self.results.octets[scenario.size], self.sessions[scenario.size, kept]
        if scenario.delay_ms:
            sessions = scenario.processes * scenario.connections
        rival = rivals.smtp_source(
            self.programs, self.sink, octets, scenario.readers, sessions, kept=kept, port=port
        )
        self.say(f"{rival.name}: {rival.per_second:,.0f} messages/s")
        return rival

    def _note(self, name: str, runs: list[Rival]) -> None:
        self.results.rivals.append((name, runs))
        if len(runs) == 1:
            self.say(f"{name}: {runs[0].per_second:,.0f} messages/s")

    def _sign_up(self, installation: Installation) -> None:
        for step in signups.measure(installation, self.choices.signups):
            self.results.steps.append((installation.database, step))
            self.say(f"{installation.database}, {step.name}: {step.per_second:,.0f}/s {step.void}".rstrip())
