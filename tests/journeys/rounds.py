"""Kill rounds: a campaign to thousands, the bulk worker killed at random moments, every reader counted after.

What the journal and the ledger held at the moment of a kill is read before anybody can settle it, so that a
round can say which windows it hit.
"""

from __future__ import annotations

import fcntl
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from tests.journeys.accounts import Taken, Tally, compare
from tests.journeys.house import House
from tests.waiting import until

BULK = "-Q bulk"
KILLS = 4  # The supervisor gives up at the fifth death within half a minute.
WITHIN_S = 120
OFTEN_S = 0.004

CLAIMED, UNTOUCHED, DOTTED, REPLIED = "claim–hand-over", "whole claim", "dot–reply", "reply–record"
WINDOWS = (CLAIMED, DOTTED, REPLIED)


@dataclass
class Moment:
    """What one kill found: open connections, and rows by the window they were in.

    ``whole_claims`` counts claims of which not a single row had been handed over.
    """

    connections: int = 0
    claimed: int = 0
    whole_claims: int = 0
    dotted: set[int] = field(default_factory=set)
    replied: int = 0

    def windows(self) -> Counter[str]:
        """Return which windows the kill fell into."""
        sizes = {CLAIMED: self.claimed, UNTOUCHED: self.whole_claims, DOTTED: len(self.dotted)}
        return Counter(name for name, size in (sizes | {REPLIED: self.replied}).items() if size)


@dataclass
class Round:
    """One campaign with its kills."""

    number: int
    seed: str
    moments: list[Moment]
    tally: Tally
    seconds: float

    def windows(self) -> Counter[str]:
        """Return how many kills fell into each window."""
        return sum((moment.windows() for moment in self.moments), Counter())

    def faults(self) -> list[str]:
        """Return what is not as promised: the tally's, and uncertain rows that no open dot explains."""
        faults = list(self.tally.faults)
        dotted = set().union(*(moment.dotted for moment in self.moments))
        if self.tally.uncertain != dotted:
            faults.append(f"uncertain {sorted(self.tally.uncertain)}, final dots unanswered {sorted(dotted)}")
        return faults

    def line(self) -> str:
        """Return the round as a line of the log."""
        kills = ", ".join(
            f"{moment.claimed}/{len(moment.dotted)}/{moment.replied} on {moment.connections}"
            for moment in self.moments
        )
        faults = "; ".join(self.faults()[:5])
        return (
            f"round {self.number:<2} seed {self.seed:<5} {self.seconds:3.0f} s: {self.tally.words()};"
            f" {len(self.moments)} kills, rows claimed/dotted/replied on connections: {kills};"
            f" {faults or 'as promised'}"
        )


def kill_round(house: House, number: int, seed: str, kills: int = KILLS) -> Round:
    """Send tip ``number`` to everybody, kill the bulk worker ``kills`` times meanwhile, count at the end."""
    dice, began, taken = random.Random(seed), time.monotonic(), Taken(house)
    before, readers = taken(), house.machine.rows("SELECT count(*) AS many FROM subscribers")[0]["many"]
    house.write_tip(number)
    house.publish(number)
    moments: list[Moment] = []
    # One kill falls on a process just born, whose first claim has hardly been handed over.
    young = dice.randrange(1, kills) if kills > 1 else kills
    for place, share in enumerate(sorted(dice.uniform(0.02, 0.85) for _ in range(kills))):
        if place == young:
            younger = partial(_claims_anew, house, _newest_sender(house))
            until(younger, "the next worker claims", WITHIN_S, every=OFTEN_S)
        else:
            _wait_for_mails(taken, before + int(share * readers))
            _let_pass(dice.uniform(0, 0.05))
        moments.append(strike(house))
    house.wait_until_finished(number, WITHIN_S)
    return Round(number, seed, moments, compare(house, number), time.monotonic() - began)


def strike(house: House) -> Moment:
    """Kill the bulk worker with SIGKILL and read what it leaves before anybody settles it."""
    moment, closed = Moment(), len(house.server.log("closed"))
    with house.machine.unattended():
        (process_id,) = house.machine.kill(BULK)
        with _held_journals(house, process_id) as journals:
            for journal in journals:
                _look(house, journal, moment)
    # What ends without QUIT was open when its owner died; the server knows of each.
    until(
        lambda: len(house.server.log("closed")) - closed >= len(moment.dotted),
        f"a connection for each of {len(moment.dotted)} dots without a reply",
    )
    moment.connections = len(house.server.log("closed")) - closed
    return moment


@contextmanager
def _held_journals(house: House, process_id: int) -> Iterator[list[str]]:
    """Give the text of the dead process's journals while we hold their locks, so that nobody settles them."""
    folder = house.machine.folder / "var" / "journals"
    files = [path.open("rb") for path in folder.glob(f"*-{process_id}-*.journal")]
    try:
        for file in files:
            until(partial(_is_locked, file.fileno()), "the process is dead", every=0.001)
        # Should a tick have been quicker, its lock is waited for: the text is the same, the rows are settled.
        yield [file.read().rstrip(b"\0").decode() for file in files]
    finally:
        for file in files:
            file.close()


def _look(house: House, journal: str, moment: Moment) -> None:
    """Sort the rows that the dead process had claimed by what its journal says of each."""
    found = re.search(r"sender=(\d+)$", journal.partition("\n")[0])
    assert found, "a journal without its first line"
    rows = house.machine.rows(
        "SELECT campaign_id, subscriber_id, claim_no FROM deliveries"
        " WHERE state = 'claimed' AND claim_sender = :sender",
        sender=int(found[1]),
    )
    lines = set(re.findall(r"^(handing|replied) d:(\d+:\d+) (\d+)", journal, re.MULTILINE))
    handed_claims = {claim for _, _, claim in lines}
    for row in rows:
        key, claim = f"{row['campaign_id']}:{row['subscriber_id']}", str(row["claim_no"])
        moment.replied += ("replied", key, claim) in lines
        moment.claimed += ("handing", key, claim) not in lines
    answered = {(key, claim) for word, key, claim in lines if word == "replied"}
    dotted = {(key, claim) for word, key, claim in lines if word == "handing"}
    moment.dotted |= {int(key.partition(":")[2]) for key, _ in dotted - answered}
    moment.whole_claims += len({str(row["claim_no"]) for row in rows} - handed_claims)


def _newest_sender(house: House) -> int:
    newest: int = house.machine.rows("SELECT max(id) AS id FROM senders WHERE kind = 'bulk'")[0]["id"]
    return newest


def _claims_anew(house: House, dead: int) -> bool:
    """Tell whether a sender younger than ``dead`` has claimed something."""
    claimed = "SELECT claim_no FROM deliveries WHERE state = 'claimed' AND claim_sender > :dead LIMIT 1"
    return bool(house.machine.rows(claimed, dead=dead))


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_mails(taken: Taken, enough: int) -> None:
    until(lambda: taken() >= enough, f"{enough} mails were taken", WITHIN_S, every=OFTEN_S)


def _let_pass(seconds: float) -> None:
    moment = time.monotonic() + seconds
    until(lambda: time.monotonic() >= moment, "a random moment", every=0.001)
