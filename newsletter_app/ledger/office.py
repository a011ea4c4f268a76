"""The office: what a process needs to send, and the number of its next claim; it sends nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger.locks import WENT_BACK
from newsletter_app.ledger.senders import raise_claim_no
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

    def raise_claim_no(self, session: Session, now: datetime) -> int:
        """Return the next claim's number (see ``senders.raise_claim_no``), checked."""
        claim_no = raise_claim_no(session, self.sender_id, now)
        self.check(claim_no)
        return claim_no

    def check(self, claim_no: int) -> None:
        """Return where nothing was handed over under this number. Raises Breach (database-went-back).

        The database forgot claims of this process then, put back or failed over to a copy that was behind;
        whoever opens the next office finds the journal ahead, and locks sending.
        """
        if claim_no <= self.journal.claim_no:
            raise Breach(WENT_BACK, sender=self.sender_id)
