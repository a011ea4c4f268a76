"""The office: what a process needs to send; it sends nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger.watching import Watch
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.transport import Transport


@dataclass(frozen=True, slots=True)
class Office:
    """A process that may send: its sender's number, its journal, its way out and its watch over that."""

    sender_id: int
    journal: Journal
    transport: Transport
    unit_of_work: UnitOfWork
    clock: Clock
    watch: Watch = field(default_factory=Watch)
