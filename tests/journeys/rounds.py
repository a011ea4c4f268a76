"""A chaos round: a campaign to everybody, blows at their moments, every reader counted after."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.journeys.accounts import Tally, hold_together
from tests.journeys.arena import Arena
from tests.journeys.blows import OFTEN_S, deal
from tests.journeys.chaos_plan import Blow, Plan
from tests.journeys.hosts import second_beat
from tests.journeys.windows import Moment

WITHIN_S = 180


@dataclass
class Round:
    """One campaign, the blows dealt to it, and what became of its readers."""

    plan: Plan
    moments: list[Moment] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    others: list[str] = field(default_factory=list)
    closed: int = 0
    seconds: float = 0
    is_late: bool = False

    def windows(self) -> Counter[str]:
        """Return how many kills fell into each window."""
        return sum((moment.windows() for moment in self.moments), Counter())

    def faults(self) -> list[str]:
        """Return what is not as promised: the tally's, the moments', and the rest."""
        found = [fault for moment in self.moments for fault in moment.faults()]
        if len(self.tally.uncertain) > self.closed:
            found.append(f"{len(self.tally.uncertain)} uncertain, but only {self.closed} connections lost")
        return [*self.tally.faults, *found, *self.others]

    def line(self) -> str:
        """Return the round as a line of the log."""
        blows = ", ".join(moment.words() for moment in self.moments)
        faults = self.faults()
        return (
            f"round {self.plan.number:<3} seed {self.plan.seed:<8} {self.seconds:4.1f} s"
            f" {self.plan.words()}: {self.tally.words()}; {blows};"
            f" {f'{len(faults)} FAULTS: ' + '; '.join(faults[:5]) if faults else 'as promised'}"
        )


def play(arena: Arena, plan: Plan) -> Round:
    """Send the tip to everybody, deal the blows meanwhile, and count when the campaign has finished."""
    played, began, closed = Round(plan), time.monotonic(), arena.closed()
    broken = len(arena.server.violations())
    try:
        _send(arena, plan, played)
        _count(arena, plan, played)
    except AssertionError as late:
        played.others.append(str(late))
        played.is_late = True
    finally:
        arena.bring_all_back()
    played.others += arena.server.violations()[broken:]
    played.closed, played.seconds = arena.closed() - closed, time.monotonic() - began
    return played


def _send(arena: Arena, plan: Plan, played: Round) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        if plan.has_second_beat:
            stack.enter_context(second_beat(arena.hosts[0]))
        before = arena.taken()
        arena.send_tip(plan.number)
        for blow in plan.blows:
            _wait_for(arena, before, blow)
            moment = Moment(blow.kind, time.monotonic() - began)
            deal(arena, blow, moment, plan.number)
            played.moments.append(moment)
        arena.bring_all_back()
        arena.until(lambda: arena.is_finished(plan.number), "the campaign is finished", WITHIN_S, every=0.1)


def _wait_for(arena: Arena, before: int, blow: Blow) -> None:
    enough = before + int(blow.share * arena.readers)
    arena.until(lambda: arena.taken() >= enough, f"{enough} mails were taken", WITHIN_S, every=OFTEN_S)
    arena.pass_time(blow.after)


def _count(arena: Arena, plan: Plan, played: Round) -> None:
    """Hold account, ledger and journals against each other; the account's other mails are faults."""
    lines = arena.taken.lines()
    played.tally = tally = hold_together(arena.ports, plan.number, lines)
    asked = "SELECT id FROM campaigns WHERE occurrence = :occurrence"
    campaign_id = arena.rows(asked, occurrence=f"tip:{plan.number}")[0]["id"]
    strangers = sum(not line["message_id"].startswith(f"<c{campaign_id}.") for line in lines)
    if strangers:
        played.others.append(f"{strangers} mails of other campaigns")
    if tally.accepted + len(tally.uncertain) != arena.readers:
        played.others.append(f"{arena.readers} readers, but {tally.accepted + len(tally.uncertain)} counted")
    unanswered = arena.journals.unanswered(campaign_id)
    if tally.uncertain != unanswered:
        played.others.append(f"uncertain {sorted(tally.uncertain)}, dots unanswered {sorted(unanswered)}")
    arena.journals.mark()
