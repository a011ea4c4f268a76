"""The sending loop both ledgers share: claim, commit, hand over, record; no transaction stays open meanwhile.

Every way out of it but the last line leaves rows claimed and a journal that says what became of them, so a
fault here needs no clean-up of its own: whoever opens the office again settles the journal first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from newsletter_app.ledger.books import Books
from newsletter_app.ledger.dice import DICE
from newsletter_app.ledger.models import State
from newsletter_app.ledger.office import Office
from newsletter_app.ledger.rows import MAX_CLAIM, Ledger, Record
from newsletter_app.ledger.rules import UNSENDABLE, NextState, next_state
from newsletter_app.ledger.senders import renew
from newsletter_app.mail.transport import Outcome, Parcel

STALE: Final = timedelta(seconds=1)
RENEWAL: Final = timedelta(seconds=60)
RECORD_EVERY: Final = timedelta(seconds=1)
FIRST_CLAIM: Final = 50  # Until a first batch has shown the pace.
LEAST_CLAIM: Final = 10
UNKNOWN: Final = ""


class Claimed(Protocol):
    """A claimed row, as far as the loop must know it."""

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of the row's key."""
        ...

    @property
    def claim_no(self) -> int:
        """The number of the claim that holds it."""
        ...

    @property
    def attempts(self) -> int:
        """How often it was tried before."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """When it is no longer worth sending."""
        ...

    @property
    def address(self) -> str:
        """Whom it goes to."""
        ...


Row = TypeVar("Row", bound=Claimed)


class Errand(Protocol[Row]):
    """What one ledger brings to the loop: its rows' claim, second look and parcels."""

    ledger: Ledger

    def claim(self, limit: int, books: Books) -> Sequence[Row] | None:
        """Take at most ``limit`` due rows, in the transaction that first writes the ``books``; None: no more.

        It may wait before that, while a pace allows nothing, but not while anything is unrecorded: it flushes
        the books first.
        """
        ...

    def release(self, rows: Sequence[Row]) -> None:
        """Hear which claimed rows were never handed over: they are queued again, and used no pace."""
        ...

    def recheck(self, session: Session, rows: Sequence[Row], now: datetime) -> Collection[tuple[int, ...]]:
        """Settle, in one statement, those of ``rows`` that may no longer be sent; return their ids."""
        ...

    def parcel(self, row: Row) -> Parcel | None:
        """Return the filled message, or None when no lawful message can be written for this row."""
        ...


def send_due(
    errand: Errand[Row],
    office: Office,
    stop: Callable[[], bool],
    leave: Callable[[], bool] | None = None,
) -> None:
    """Claim and hand over until nothing is due, the server takes no more, or ``stop`` says so.

    What is under way by then is waited for as long as SMTP asks for, unless ``leave`` (``stop`` where there
    is no other) says that the process must go.
    """
    limit, books = FIRST_CLAIM, Books(errand.ledger, office)
    while not stop():
        # The journal's room first: a full disk must be met before anything is claimed.
        office.journal.reserve(MAX_CLAIM)
        rows = errand.claim(limit, books)
        books.mark()
        if rows is None:
            break
        if not rows:
            continue
        batch = _Batch(errand, office, rows, stop, leave or stop, books)
        batch.hand_over()
        if batch.left_over and not _another_stands_ready(office, batch.server):
            # The server takes no more just now; the tick tries again, and nothing spins here.
            break
        limit = next_limit(batch.pulled, batch.seconds)
    books.flush()


def _another_stands_ready(office: Office, server: str) -> bool:
    """Whether the next hand-over would go to another server than the one that left parcels lying."""
    following = office.transport.next_server(office.watch.shunned)
    return server != UNKNOWN and following not in (None, server)


def next_limit(handed_over: int, seconds: float) -> int:
    """Return how many rows the next claim takes: what the last batch's pace hands over in a second.

    Never fewer than ten, so that several connections stay busy, nor more than MAX_CLAIM.
    """
    pace = handed_over / seconds if seconds > 0 else MAX_CLAIM
    return round(min(MAX_CLAIM, max(LEAST_CLAIM, pace)))


class _Batch(Generic[Row]):
    """One claim on its way: what waits, what was pulled, what became of it."""

    def __init__(
        self,
        errand: Errand[Row],
        office: Office,
        rows: Sequence[Row],
        stop: Callable[[], bool],
        leave: Callable[[], bool],
        books: Books,
    ) -> None:
        self._errand, self._office, self._stop, self._leave = errand, office, stop, leave
        self._books = books
        self._waiting = deque(rows)
        self._claim_no = rows[0].claim_no
        self._began = self._looked_at = self._renewed_at = self._recorded_at = office.clock()
        self._under_way: dict[str, Row] = {}
        self._held: list[Row] = []  # Their domain was put on hold since the claim.
        self.server = UNKNOWN
        self.pulled = 0
        self.left_over = 0
        self.seconds = 0.0  # How long the batch took, the wait for its claim left out.

    def hand_over(self) -> None:
        """Hand over every parcel, note outcomes as they come, free what was never pulled."""
        office = self._office
        for outcome in office.transport.hand_over(self._parcels(), office.journal, self._is_to_leave):
            self._note(outcome)
        self.left_over = len(self._waiting)
        self._put_back()
        self._books.close(self._claim_no)
        if not self._books.can_wait:
            self._books.flush()
        self.seconds = (office.clock() - self._began).total_seconds()

    def _parcels(self) -> Iterator[Parcel]:
        watch = self._office.watch
        while self._waiting and not (self._stop() or watch.warns_of(self.server)):
            if self._office.clock() - self._looked_at > STALE:
                self._look_again()
                continue
            row = self._waiting.popleft()
            if watch.holds(row.address):
                self._held.append(row)
                continue
            parcel = self._errand.parcel(row)
            if parcel is None:
                refused = NextState(State.refused, UNSENDABLE)
                self._books.note(Record(row.ids, row.claim_no, refused, None, ""))
                continue
            self._under_way[parcel.key] = row
            self.pulled += 1
            yield parcel

    def _look_again(self) -> None:
        """Ask once more about claims older than a second: somebody may have stopped since."""
        with self._office.unit_of_work() as session:
            dropped = self._errand.recheck(session, list(self._waiting), self._office.clock())
        self._waiting = deque(row for row in self._waiting if row.ids not in dropped)
        self._looked_at = self._office.clock()

    def _note(self, outcome: Outcome) -> None:
        row, now = self._under_way.pop(outcome.key), outcome.at
        self._office.watch.see(row.address, outcome)
        self.server = outcome.server
        following = next_state(outcome, row.attempts, row.expires_at, now, dice=DICE.random)
        self._books.note(Record(row.ids, row.claim_no, following, outcome.reply, outcome.server))

    def _put_back(self) -> None:
        """Free what was never pulled."""
        back = [*self._waiting, *self._held]
        self._waiting, self._held = deque(), []
        if back:
            self._errand.release(back)
        freed = NextState(State.queued, attempts=0)
        for row in back:
            self._books.note(Record(row.ids, row.claim_no, freed, None, ""))

    def _is_to_leave(self) -> bool:
        """Tell whether the process must go; while one reply is waited for, the others' are recorded.

        So are the rows put back that will not be handed over any more: they need not wait for that reply.
        """
        now = self._office.clock()
        if now - self._recorded_at > RECORD_EVERY:
            self._recorded_at = now
            if self._stop():
                self._put_back()
            self._books.flush()
            self._renew(now)
        return self._leave()

    def _renew(self, now: datetime) -> None:
        if now - self._renewed_at > RENEWAL:
            with self._office.unit_of_work() as session:
                renew(session, self._office.sender_id, now)
            self._renewed_at = now
