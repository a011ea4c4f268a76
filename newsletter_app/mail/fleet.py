"""Several SMTP servers as one way out: whose turn it is, who rests after trouble; it opens nothing itself.

A hand-over goes to one server, chosen by weight among those that do not rest. A server in trouble (it
cannot be reached, refuses the greeting, TLS or the login, or keeps closing) rests, each time in a row
for longer, and is tried again by the next hand-over after that. Parcels that were only in hand for a
connection to it are *unsent*, which costs no attempt, as long as another server may take them; with none they
are *deferred* as by a server that stands alone. What is uncertain stays so, whoever else stands ready.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from secrets import SystemRandom
from time import monotonic
from typing import Final

from newsletter_app.mail.journal import Journal
from newsletter_app.mail.opening import Trouble
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.shares import Shares
from newsletter_app.mail.smtp import SmtpTransport
from newsletter_app.mail.transport import NOBODY, Outcome, Parcel, Result

SHORTEST_S: Final = 5.0
LONGEST_S: Final = 300.0
SPREAD: Final = 0.2
_DICE: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class Failure:
    """A server that could not be used: why, what it said if anything, and how often that was in a row."""

    server: str
    trouble: Trouble
    reply: Reply | None
    in_a_row: int


@dataclass(slots=True)
class _Member:
    """One server of the fleet: its transport, its troubles in a row and until when it rests (monotonic)."""

    transport: SmtpTransport
    failures: int = 0
    rests_until: float = float("-inf")

    @property
    def name(self) -> str:
        return str(self.transport.server)


class Fleet:
    """The way out through the servers of ``SMTP_URL`` (see ``transport.Transport``), for one thread."""

    def __init__(
        self,
        transports: Sequence[SmtpTransport],
        on_failure: Callable[[Failure], None] = lambda failure: None,
        *,
        seconds: Callable[[], float] = monotonic,
        dice: Callable[[], float] = _DICE.random,
    ) -> None:
        """Sail with one transport per server. ``dice`` in [0, 1) spread the rests of many processes."""
        self._members = {str(one.server): _Member(one) for one in transports}
        self._on_failure = on_failure
        self._seconds, self._dice = seconds, dice
        self._shares = Shares({name: one.transport.server.weight for name, one in self._members.items()})
        self._ready: frozenset[str] = frozenset()  # Who could have been chosen at the last choice.
        self._chosen: _Member | None = None

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of the servers, as outcomes bear them."""
        return tuple(self._members)

    def next_server(self, shunned: Collection[str] = NOBODY) -> str | None:
        """Choose who takes the next hand-over; None while all rest or are shunned."""
        now = self._seconds()
        self._ready = frozenset(
            name for name, one in self._members.items() if one.rests_until <= now and name not in shunned
        )
        self._chosen = self._members[self._shares.choose(self._ready)] if self._ready else None
        return self._chosen.name if self._chosen else None

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Yield the outcomes of the server that was chosen, or is chosen now; with none nothing is pulled."""
        if self._chosen is None:
            self.next_server()
        member, self._chosen = self._chosen, None
        if member is None:
            return
        transport, ready, handed = member.transport, self._ready, 0
        transport.when_shut = Result.unsent if len(ready) > 1 else Result.deferred
        try:
            for outcome in transport.hand_over(parcels, journal, stop):
                if outcome.result is not Result.unsent:
                    handed += 1
                    if outcome.reply and transport.trouble is None:
                        member.failures = 0
                yield outcome
        finally:
            self._shares.count(member.name, handed, ready)
            self._judge(member)

    def close(self) -> None:
        """Close every server's connections."""
        for member in self._members.values():
            member.transport.close()

    def _judge(self, member: _Member) -> None:
        """Send a server in trouble to rest, twice as long as the time before, and say so."""
        trouble = member.transport.trouble
        if trouble is None:
            return
        member.failures += 1
        rest = min(SHORTEST_S * 2 ** (member.failures - 1), LONGEST_S)
        member.rests_until = self._seconds() + rest * (1 - SPREAD + 2 * SPREAD * self._dice())
        self._on_failure(Failure(member.name, trouble, member.transport.trouble_reply, member.failures))
