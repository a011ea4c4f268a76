"""The books: outcomes that are known and not recorded yet; nothing new is claimed before they are.

As long as everything is accepted, they are recorded by the transaction that makes the next claim, since a
commit is dear. What others must hear of (a refusal, a retry, a row given back) does not wait for that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app.ledger.office import Office
from newsletter_app.ledger.rows import Ledger, Record, record
from newsletter_app.ledger.rules import ACCEPTED


class Books:
    """The outcomes of one run of the sending loop, for one ledger."""

    def __init__(self, ledger: Ledger, office: Office) -> None:
        """Begin with nothing to record."""
        self._ledger, self._office = ledger, office
        self._records: list[Record] = []
        self._closed: list[int] = []
        self.can_wait = True
        """Whether all that is not recorded was accepted."""

    def note(self, outcome: Record) -> None:
        """Note what a claimed row becomes."""
        self._records.append(outcome)
        if outcome.next_state is not ACCEPTED:
            self.can_wait = False

    def close(self, claim_no: int) -> None:
        """Take note that every row of this claim has its outcome."""
        self._closed.append(claim_no)

    def write(self, session: Session, now: datetime) -> None:
        """Record what is noted, and what it teaches about servers, in the transaction of ``session``.

        Once that is committed, ``mark`` it.
        """
        if not self._records:
            return
        records, self._records, self.can_wait = self._records, [], True
        record(session, self._ledger, self._office.sender_id, records, now)
        self._office.watch.write(session, now)

    def flush(self) -> None:
        """Record what is noted in a transaction of its own, if there is anything."""
        if self._records:
            with self._office.unit_of_work() as session:
                self.write(session, self._office.clock())
        self.mark()

    def mark(self) -> None:
        """Mark in the journal the claims whose outcomes are all committed; it shows where a kill fell."""
        if self._records:
            return
        for claim_no in self._closed:
            self._office.journal.recorded(claim_no)
        self._closed = []
