"""The sending loop both ledgers share: claim, commit, hand over, record; no transaction stays open meanwhile.

One hand-over takes as many claims as follow without a wait: a reply that is long in coming keeps nobody from
what the other connections can do.

Every way out of it but the last line leaves rows claimed and a journal that says what became of them, so a
fault here needs no clean-up of its own: whoever opens the office again settles the journal first.
"""

from __future__ import annotations

from collections import Counter, deque
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
_FREED: Final = NextState(State.queued, attempts=0)
_UNLAWFUL: Final = NextState(State.refused, UNSENDABLE)


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

    def claim(self, limit: int, books: Books, *, may_wait: bool) -> Sequence[Row] | None:
        """Take at most ``limit`` due rows, in the transaction that first writes the ``books``; None: no more.

        While a pace allows nothing it waits, if it may, but not while anything is unrecorded: it flushes the
        books first. If it may not wait it takes nothing.
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
    round_ = _Round(errand, office, stop, leave or stop)
    while not (stop() or round_.is_over):
        if not round_.claim(may_wait=True):
            continue
        round_.hand_over()
        if round_.left_over and not _another_stands_ready(office, round_.server):
            # The server takes no more just now; the tick tries again, and nothing spins here.
            break
    round_.books.flush()


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


class _Round(Generic[Row]):
    """Claims on their way: what waits, what was pulled, what became of it."""

    def __init__(
        self,
        errand: Errand[Row],
        office: Office,
        stop: Callable[[], bool],
        leave: Callable[[], bool],
    ) -> None:
        self._errand, self._office, self._stop, self._leave = errand, office, stop, leave
        self.books = Books(errand.ledger, office)
        self._waiting: deque[Row] = deque()  # Of the newest claim alone.
        self._under_way: dict[str, Row] = {}
        self._held: list[Row] = []  # Of the newest claim: their domain was put on hold since.
        self._undecided: Counter[int] = Counter()  # By claim, its rows that have no outcome.
        self._limit = FIRST_CLAIM
        self._pulled = 0  # Of the newest claim.
        self._claimed_at = self._looked_at = self._renewed_at = self._recorded_at = office.clock()
        self._fault: Exception | None = None
        self.is_over = False
        self.server = UNKNOWN
        self.left_over = 0

    def claim(self, *, may_wait: bool) -> bool:
        """Claim the next rows; return whether there are any. Without them, ``is_over`` says if for good."""
        # The journal's room first: a full disk must be met before anything is claimed.
        self._office.journal.reserve(MAX_CLAIM)
        rows = self._errand.claim(self._limit, self.books, may_wait=may_wait)
        self.books.mark()
        self.is_over = rows is None
        if not rows:
            return False
        self._waiting.extend(rows)
        self._undecided[rows[0].claim_no] = len(rows)
        self._pulled = 0
        # A claim looks at its rows, records what was noted and renews the lease.
        self._claimed_at = self._looked_at = self._recorded_at = self._renewed_at = self._office.clock()
        return True

    def hand_over(self) -> None:
        """Hand over every parcel, note outcomes as they come, free what was never pulled."""
        office = self._office
        for outcome in office.transport.hand_over(self._parcels(), office.journal, self._is_to_leave):
            self._note(outcome)
        if self._fault is not None:
            raise self._fault
        self.left_over = len(self._waiting)
        self._put_back()
        self._set_limit()
        if not self.books.can_wait:
            self.books.flush()

    def _parcels(self) -> Iterator[Parcel]:
        while True:
            yield from self._parcels_in_hand()
            if self._waiting or not self._claims_on():
                return

    def _claims_on(self) -> bool:
        """Claim the next rows while replies are awaited, unless another server's turn may have come.

        A fault waits until those replies are here, since whoever does not hear them does not know their fate.
        """
        if len(self._office.watch.servers) > 1 or self._stop():
            return False
        self._put_back()
        self._set_limit()
        try:
            return self.claim(may_wait=False)
        except Exception as fault:
            self._fault = fault
            return False

    def _parcels_in_hand(self) -> Iterator[Parcel]:
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
                self._decide(row, Record(row.ids, row.claim_no, _UNLAWFUL, None, ""))
                continue
            self._under_way[parcel.key] = row
            self._pulled += 1
            yield parcel

    def _look_again(self) -> None:
        """Ask once more about claims older than a second: somebody may have stopped since."""
        with self._office.unit_of_work() as session:
            dropped = self._errand.recheck(session, list(self._waiting), self._office.clock())
        before, self._waiting = self._waiting, deque()
        for row in before:
            if row.ids in dropped:
                self._settle(row)
            else:
                self._waiting.append(row)
        self._looked_at = self._office.clock()

    def _note(self, outcome: Outcome) -> None:
        row, now = self._under_way.pop(outcome.key), outcome.at
        self._office.watch.see(row.address, outcome)
        self.server = outcome.server
        following = next_state(outcome, row.attempts, row.expires_at, now, dice=DICE.random)
        self._decide(row, Record(row.ids, row.claim_no, following, outcome.reply, outcome.server))

    def _decide(self, row: Row, record: Record) -> None:
        self.books.note(record)
        self._settle(row)

    def _settle(self, row: Row) -> None:
        """Close a claim when the last of its rows has its outcome."""
        self._undecided[row.claim_no] -= 1
        if not self._undecided[row.claim_no]:
            del self._undecided[row.claim_no]
            self.books.close(row.claim_no)

    def _put_back(self) -> None:
        """Free what was never pulled."""
        back = [*self._waiting, *self._held]
        self._waiting, self._held = deque(), []
        if back:
            self._errand.release(back)
        for row in back:
            self._decide(row, Record(row.ids, row.claim_no, _FREED, None, ""))

    def _set_limit(self) -> None:
        self._limit = next_limit(self._pulled, (self._office.clock() - self._claimed_at).total_seconds())

    def _is_to_leave(self) -> bool:
        """Tell whether the process must go; while one reply is waited for, the others' are recorded.

        So are the rows put back that will not be handed over any more: they need not wait for that reply.
        """
        now = self._office.clock()
        if now - self._recorded_at > RECORD_EVERY:
            self._recorded_at = now
            if self._stop():
                self._put_back()
            if self._fault is None:
                self.books.flush()
                self._renew(now)
        return self._leave()

    def _renew(self, now: datetime) -> None:
        if now - self._renewed_at > RENEWAL:
            with self._office.unit_of_work() as session:
                renew(session, self._office.sender_id, now)
            self._renewed_at = now
