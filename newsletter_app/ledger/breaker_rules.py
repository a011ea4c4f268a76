"""When a server or a domain refuses everything, and what a probe changes, as pure decisions by tables.

closed ──20 refusals in a row, or 3 failed openings──▶ open
open ──probe_at has come──▶ half-open (one message)
half-open ──accepted──▶ closed
half-open ──anything else──▶ open, for longer
half-open ──no verdict in two minutes──▶ half-open (another message)
any ──a person's word──▶ closed
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from newsletter_app.ledger.rules import SENDER_FAULT, why_refused
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, Result

REFUSALS: Final = 20  # In a row, with nobody accepted between.
DOMAINS: Final = 3  # So many recipient domains do not agree by chance.
FAULTS: Final = 5  # In a row by one domain, while others accept.
OPENINGS: Final = 3  # Failed ones in a row.
DOUBT: Final = 5  # Refusals in a row from which on other processes are told.

PROBE_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
PROBE_LEASE: Final = timedelta(minutes=2)


class Kind(StrEnum):
    """What refuses: a mail server of ours, or a recipient domain behind it."""

    server = "server"
    domain = "domain"


class Circuit(StrEnum):
    """Whether mail may go there: freely, not at all, or one message to see."""

    closed = "closed"
    open = "open"
    half_open = "half-open"


class Event(StrEnum):
    """What happens to a breaker."""

    tripped = "tripped"
    probe_begun = "probe-begun"
    probe_accepted = "probe-accepted"
    probe_refused = "probe-refused"


class Sign(StrEnum):
    """What an outcome says of the server: it takes mail, refuses, says nothing, or nothing was asked."""

    accepted = "accepted"
    refused = "refused"
    silent = "silent"
    none = "none"


@dataclass(frozen=True, slots=True)
class Streak:
    """Refusals in a row by one server: how many, how many of them without a word, of which domains."""

    refusals: int = 0
    silent: int = 0
    domains: frozenset[str] = frozenset()

    def longer(self, sign: Sign, domain: str) -> Streak:
        """Return the streak with one more refusal."""
        silent = self.silent + (sign is Sign.silent)
        return Streak(self.refusals + 1, silent, _few(self.domains | {domain}))

    def with_(self, other: Streak) -> Streak:
        """Return both as one, as when two processes met them side by side."""
        domains = _few(self.domains | other.domains)
        return Streak(self.refusals + other.refusals, self.silent + other.silent, domains)

    @property
    def is_everything(self) -> bool:
        """Whether the server refuses everything: many domains at once, or final dots without an answer.

        A reply may be one domain's own; that final dots get none is the server's doing, whoever they are for.
        """
        return self.refusals >= REFUSALS and (len(self.domains) >= DOMAINS or self.silent >= REFUSALS)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a breaker stands, how many probes failed so far, and when the next may begin (None: closed)."""

    circuit: Circuit
    probes: int = 0
    probe_at: datetime | None = None


CLOSED: Final = Turn(Circuit.closed)


def sign_of(outcome: Outcome) -> Sign:
    """Read an outcome: 4xx and 5xx alike are refusals; lost before the final dot says nothing."""
    match outcome.result:
        case Result.accepted:
            return Sign.accepted
        case Result.uncertain:
            return Sign.silent
        case Result.refused | Result.deferred if outcome.reply:
            return Sign.refused
    return Sign.none


def is_our_fault(outcome: Outcome) -> bool:
    """Whether the refusal speaks of us and not of the reader (M40)."""
    return outcome.result is Result.refused and why_refused(outcome.reply) == SENDER_FAULT


def is_the_domains_verdict(faults: int, *, others_accept: bool) -> bool:
    """Whether one domain refuses us: five in a row while others accept, else as many as prove a server so."""
    return faults >= (FAULTS if others_accept else REFUSALS)


def proves_mended(kind: Kind, outcome: Outcome) -> bool:
    """Whether a probe shows that mail goes there again: taken, or refused for its reader's sake alone."""
    if kind is Kind.domain and outcome.result is Result.refused:
        return not is_our_fault(outcome)
    return outcome.result is Result.accepted


def next_turn(turn: Turn, event: Event, now: datetime) -> Turn:
    """Return where a breaker goes; an event that does not belong to where it stands changes nothing."""
    match turn.circuit, event:
        case Circuit.closed, Event.tripped:
            return Turn(Circuit.open, 0, now + probe_pause(0))
        case ((Circuit.open | Circuit.half_open), Event.probe_begun):
            is_time = turn.probe_at is not None and turn.probe_at <= now
            return replace(turn, circuit=Circuit.half_open, probe_at=now + PROBE_LEASE) if is_time else turn
        case Circuit.half_open, Event.probe_accepted:
            return CLOSED
        case Circuit.half_open, Event.probe_refused:
            probes = turn.probes + 1
            return Turn(Circuit.open, probes, now + probe_pause(probes))
    return turn


def probe_pause(probes: int) -> timedelta:
    """Return how long to wait for the next probe after so many failed ones."""
    return PROBE_PAUSES[min(probes, len(PROBE_PAUSES) - 1)]


def told(trouble: str | None, reply: Reply | None) -> str:
    """Return what a server was heard to say: ``550 5.7.1 Relaying denied``, else the trouble's code."""
    if reply is None:
        return trouble or "no-reply"
    said = " ".join(filter(None, [str(reply.code), reply.enhanced, reply.text]))
    return f"{trouble}: {said}" if trouble else said


def _few(domains: frozenset[str]) -> frozenset[str]:
    """Keep no more names than the decision needs."""
    return frozenset(sorted(domains)[:DOMAINS])
