"""One process's watch over servers and domains: it sees every outcome and knows what others found out.

While all is well it costs a comparison per message and a small question a second; it writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app.ledger import breakers
from newsletter_app.ledger.breaker_rules import (
    DOUBT,
    OPENINGS,
    Circuit,
    Kind,
    Sign,
    Streak,
    is_our_fault,
    is_the_domains_verdict,
    sign_of,
)
from newsletter_app.ledger.breakers import Why
from newsletter_app.mail.fleet import Failure
from newsletter_app.mail.transport import Outcome, Result

READ_EVERY: Final = timedelta(seconds=1)

Tell = Callable[[Kind, str, Why], None]


@dataclass(slots=True)
class _Doubt:
    """Refusals in a row that this process met at a server: all of them, those not written yet, the last."""

    whole: Streak = field(default_factory=Streak)
    unwritten: Streak = field(default_factory=Streak)
    why: Why = field(default_factory=Why)

    def add(self, sign: Sign, domain: str, why: Why) -> None:
        self.whole, self.unwritten = self.whole.longer(sign, domain), self.unwritten.longer(sign, domain)
        self.why = why


@dataclass(slots=True)
class _Faults:
    """Refusals in a row by one domain for our fault, and how many others had been accepted before them."""

    accepted_before: int
    many: int = 0


class Watch:
    """What a process knows of its servers and its readers' domains. One that does not learn only looks."""

    def __init__(
        self,
        servers: Collection[str] = (),
        tell: Tell = lambda kind, name, why: None,
        *,
        learns: bool = True,
    ) -> None:
        """Watch these servers; ``tell`` hears of each breaker that this process opens.

        Whoever does not learn (service mails, which wait behind no campaign's trouble) shuns a server only
        as long as another one is left.
        """
        self.servers, self._tell, self._learns = frozenset(servers), tell, learns
        self._read_at: datetime | None = None
        self._out: frozenset[str] = frozenset()
        self._in_doubt: frozenset[str] = frozenset()  # Servers that some process has doubts about.
        self._doubts: dict[str, _Doubt] = {}
        self._faults: dict[str, _Faults] = {}
        self._accepted = 0
        self._redeemed: set[str] = set()
        self._failures: dict[str, Failure] = {}
        self._verdicts: dict[str, Why] = {}
        self.held: frozenset[str] = frozenset()
        """Domains that nothing is handed over to."""
        self._alarms: set[str] = set()  # Servers that just turned out to refuse everything.

    @property
    def shunned(self) -> frozenset[str]:
        """The servers that take no mail but probes."""
        return self._out if self._learns or self.servers - self._out else frozenset()

    def look(self, session: Session, now: datetime) -> None:
        """Read what all processes know, unless that was done a moment ago."""
        if self._read_at is not None and now - self._read_at < READ_EVERY:
            return
        known, self._read_at = breakers.known_breakers(session), now
        is_out = [(one.kind, one.name) for one in known if one.state != Circuit.closed]
        self._out = frozenset(name for kind, name in is_out if kind == Kind.server)
        self.held = frozenset(name for kind, name in is_out if kind == Kind.domain)
        self._in_doubt = frozenset(one.name for one in known if one.state == Circuit.closed)
        for server in self._out:
            self._doubts.pop(server, None)

    def warns_of(self, server: str) -> bool:
        """Tell whether nothing more is to be handed to the server in use."""
        return server in self._alarms or server in self.shunned

    def holds(self, address: str) -> bool:
        """Tell whether nothing is handed over to this address now, for its domain's sake."""
        return bool(self.held) and _domain_of(address) in self.held

    def see(self, address: str, outcome: Outcome) -> None:
        """Take note of what became of a message to ``address``."""
        if not self._learns:
            return
        if outcome.result is Result.accepted:
            self._accepted += 1
            if self._doubts or self._faults or self._in_doubt or self._failures:
                self._take_heart(address, outcome.server)
        elif (sign := sign_of(outcome)) is not Sign.none:
            self._grow_suspicious(_domain_of(address), outcome, sign)

    def fail(self, failure: Failure) -> None:
        """Take note of a server that could not be used; the third time in a row it is out."""
        if self._learns:
            self._failures[failure.server] = failure

    def forget_failure(self, server: str) -> Failure | None:
        """Return a server's failure that is not written yet, and do not write it."""
        return self._failures.pop(server, None)

    def write(self, session: Session, now: datetime) -> None:
        """Share what is worth sharing, in the transaction that records the outcomes."""
        for server in self._redeemed:
            breakers.redeem(session, server)
        for server, doubt in list(self._doubts.items()):
            if doubt.unwritten.refusals and doubt.whole.refusals >= DOUBT:
                self._share(session, server, doubt, now)
        for server, failure in self._failures.items():
            why = Why(failure.trouble.value, failure.reply)
            if failure.in_a_row >= OPENINGS and breakers.trip(session, Kind.server, server, why, now):
                self._open(Kind.server, server, why)
        for domain, why in self._verdicts.items():
            if breakers.trip(session, Kind.domain, domain, why, now):
                self._open(Kind.domain, domain, why)
        self._redeemed, self._alarms, self._failures, self._verdicts = set(), set(), {}, {}

    def _share(self, session: Session, server: str, doubt: _Doubt, now: datetime) -> None:
        is_out = breakers.doubt(session, server, doubt.unwritten, doubt.why, now)
        doubt.unwritten = Streak()
        self._in_doubt |= {server}
        if doubt.whole.is_everything:
            # What this process met alone is enough, even if another machine's mail is taken.
            is_out = is_out or breakers.trip(session, Kind.server, server, doubt.why, now)
            self._out |= {server}
        if is_out:
            self._open(Kind.server, server, doubt.why)

    def _open(self, kind: Kind, name: str, why: Why) -> None:
        """Act at once on what the others read within a second."""
        if kind is Kind.server:
            self._out |= {name}
            self._doubts.pop(name, None)
        self._tell(kind, name, why)

    def _take_heart(self, address: str, server: str) -> None:
        self._doubts.pop(server, None)
        if server in self._in_doubt:
            self._redeemed.add(server)
            self._in_doubt -= {server}
        self._faults.pop(_domain_of(address), None)
        self._failures.pop(server, None)

    def _grow_suspicious(self, domain: str, outcome: Outcome, sign: Sign) -> None:
        why = Why(None, outcome.reply)
        doubt = self._doubts.setdefault(outcome.server, _Doubt())
        doubt.add(sign, domain, why)
        if doubt.whole.is_everything:
            self._alarms.add(outcome.server)
        if outcome.result is not Result.refused:
            return
        if not is_our_fault(outcome):
            self._faults.pop(domain, None)
            return
        faults = self._faults.setdefault(domain, _Faults(self._accepted))
        faults.many += 1
        if is_the_domains_verdict(faults.many, others_accept=self._accepted > faults.accepted_before):
            self._verdicts[domain] = why
            self.held |= {domain}
            del self._faults[domain]


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
