"""The pace of one slice: it asks for leave before a claim, and gives back what was not used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import pace
from newsletter_app.delivery.counting import handed_over_since
from newsletter_app.ledger import Office
from newsletter_app.pace import SERVER, Asked, Grant, Limits, Pace, Quota, Used, begin_of, day_of

FRESH: Final = timedelta(seconds=1)
GLANCE_S: Final = 0.1  # Seconds between looks at whether the slice is over.
SILENCE_S: Final = 1.0  # Until a keeper of tokens that did not answer is asked again.


@dataclass(frozen=True, slots=True)
class Tempo:
    """What every slice of a process keeps pace by: the tokens' keeper, SMTP_URL's rates, and how to wait."""

    pace: Pace
    rates: Mapping[str, Decimal]
    wait: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Leave:
    """A grant, or none and how long to wait; ``wait_s`` is None where waiting is no use in this slice."""

    grant: Grant | None
    wait_s: float | None = None


class Pacing:
    """Asks for one slice; limits, and what is out, it knows as read a second ago at most while it claims."""

    def __init__(self, tempo: Tempo, office: Office, zone: str) -> None:
        """Begin with no limit known; ``zone`` is the organisation's, whose days warm-ups go by."""
        self._tempo, self._office, self._zone = tempo, office, zone
        self._read_at: datetime | None = None
        self.limits = Limits()

    @property
    def held(self) -> frozenset[str]:
        """The domains that get nothing at all, since they refuse us."""
        return self._office.watch.held

    @property
    def apart(self) -> frozenset[str]:
        """The domains that are walked apart: those with a limit of their own, and those on hold."""
        return self.held.union(self.limits.domains)

    def refresh(self, session: Session, now: datetime) -> None:
        """Read the limits, and what refuses our mail, unless that was just done."""
        self._office.watch.look(session, now)
        if self._read_at is None or now - self._read_at >= FRESH:
            self._read_at = now
            self.limits = pace.limits(session).with_servers(self._tempo.rates)

    def ask(self, wanted: int, domains: Collection[str], *, others: bool) -> Leave:
        """Choose the server of the next hand-over and ask for leave; a server without any is passed over."""
        waits, shunned = [], set(self._office.watch.shunned)
        while (server := self._office.transport.next_server(shunned)) is not None:
            leave = self._ask(server, wanted, domains, others=others)
            if leave.grant is not None:
                return leave
            waits += [leave.wait_s] if leave.wait_s is not None else []
            shunned.add(server)
        return Leave(None, min(waits, default=None))

    def give_back(self, grant: Grant, claimed: int, limited: Iterable[str]) -> None:
        """Give back what a claim of so many rows, some to these limited domains, left over."""
        self._tempo.pace.give_back(grant, Used(claimed, Counter(limited)))

    def wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Let so many seconds pass, or fewer when the slice is over."""
        while seconds > 0 and not is_over():
            self._tempo.wait(min(seconds, GLANCE_S))
            seconds -= GLANCE_S

    def _ask(self, server: str, wanted: int, domains: Iterable[str], *, others: bool) -> Leave:
        day = day_of(self._office.clock(), self._zone)
        asked = self.limits.asked(server, wanted, day, domains=domains, others=others)
        grant = self._tempo.pace.take(asked)
        if grant is not None and grant.uncounted:
            grant = self._tempo.pace.take(replace(asked, quotas=self._counted(asked, grant, day)))
        if grant is None:
            return Leave(None, SILENCE_S)
        if grant.total:
            return Leave(grant)
        return Leave(None, None if grant.is_spent else grant.wait_s)

    def _counted(self, asked: Asked, grant: Grant, day: date) -> tuple[Quota, ...]:
        """Count from the ledger what nobody knows of the day."""
        begins_at = begin_of(day, self._zone)
        with self._office.unit_of_work() as session:
            return tuple(
                replace(quota, handed_over=handed_over_since(session, begins_at, _server_of(quota)))
                if quota in grant.uncounted
                else quota
                for quota in asked.quotas
            )


def _server_of(quota: Quota) -> str:
    return quota.name if quota.scope == SERVER else ""
