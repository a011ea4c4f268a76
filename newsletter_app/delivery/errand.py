"""A shard's errand: what the sending loop asks of deliveries, for one campaign, one shard and one slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app.campaigns import find
from newsletter_app.delivery.claiming import (
    ClaimedDelivery,
    Place,
    Taken,
    claim_rows,
    limited_left,
    recheck_rows,
)
from newsletter_app.delivery.filling import Postmark, fill
from newsletter_app.delivery.fillings import Fillings
from newsletter_app.delivery.owing import DELIVERIES
from newsletter_app.delivery.pacing import Pacing
from newsletter_app.delivery.walking import OTHERS, Walk, divide
from newsletter_app.ledger import Books, Ledger, Office, is_locked
from newsletter_app.mail import HeaderRefused
from newsletter_app.mail.transport import Parcel
from newsletter_app.pace import Grant

LONGEST_WAIT_S: Final = 1.0
LOOK_EVERY: Final = timedelta(seconds=1)
VISIT: Final = timedelta(seconds=2)  # How long limited domains alone may keep a process from other shards.


class Ending(StrEnum):
    """Why a slice ended before its time."""

    dry = "dry"  # Nothing is due in the shard, or its campaign does not send.
    held_up = "held-up"  # Only limited domains have rows left: others' shards come first.
    barred = "barred"  # No server takes mail, or the day's cap is reached.


class ShardErrand:
    """Claims, looks again and fills for one shard (see ``ledger.Errand``)."""

    ledger: Ledger = DELIVERIES

    def __init__(
        self,
        campaign_id: int,
        shard: int,
        office: Office,
        postmark: Postmark,
        pacing: Pacing,
        is_over: Callable[[], bool],
    ) -> None:
        """Begin a slice on a shard; its first claim begins a walk at the lowest key."""
        self._campaign_id, self._shard = campaign_id, shard
        self._office, self._postmark = office, postmark
        self._pacing, self._is_over = pacing, is_over
        self._fillings = Fillings(office.unit_of_work, postmark.keyring)
        self._claim_no = 0
        self._walk: Walk | None = None
        self._grant: Grant | None = None
        self._limited: Mapping[int, str] = {}
        self._began = self._looked_at = office.clock()
        self._served_others = False
        self.ending: Ending | None = None

    def claim(self, limit: int, books: Books, *, may_wait: bool) -> Sequence[ClaimedDelivery] | None:
        """Take at most ``limit`` due rows as the pace allows; None when the slice is to end.

        The walk along the key begins once more at its end, for rows that came back behind it. As long as
        replies are awaited (it may not wait), a row may still come back, so that nothing ends it. Raises
        Breach (database-went-back).
        """
        while self.ending is None and not self._is_over():
            if not may_wait and self._walk is not None and self._walk.is_over:
                self._walk = None
                return []
            walk = self._walk_on()
            if walk is None:
                break
            leave = self._pacing.ask(limit, walk.places, others=walk.others_left)
            if leave.grant is not None:
                return self._take(leave.grant, walk, books)
            if not may_wait:
                return []
            books.flush()
            self._wait(leave.wait_s)
        return None

    def release(self, rows: Sequence[ClaimedDelivery]) -> None:
        """Give back the pace that rows of the last claim did not use."""
        if self._grant is not None:
            theirs = Counter(self._limited[row.ids[1]] for row in rows if row.ids[1] in self._limited)
            self._pacing.give_back(replace(self._grant, total=len(rows), by_domain=theirs), 0, ())

    def recheck(
        self, session: Session, rows: Sequence[ClaimedDelivery], now: datetime
    ) -> set[tuple[int, ...]]:
        """Settle those of ``rows`` that may no longer be sent."""
        return recheck_rows(session, self._place(), [row.ids for row in rows], now)

    def parcel(self, row: ClaimedDelivery) -> Parcel | None:
        """Fill the message of a row, or return None for an address that no header can hold."""
        try:
            return fill(self._fillings.of(row.edition_id), row, self._postmark)
        except HeaderRefused:
            return None

    def _walk_on(self) -> Walk | None:
        """Return the walk to go on with, at its end a new one; None with the ending that this makes."""
        walk = self._walk
        if walk is not None and self._pacing.apart.symmetric_difference(walk.limited):
            walk = None
        if walk is not None and walk.is_held_up and self._makes_way():
            self.ending = Ending.held_up
            return None
        if walk is not None and walk.is_over and not walk.has_met:
            self.ending = Ending.dry
            return None
        if walk is None or walk.is_over:
            walk = self._walk = self._new_walk()
        return walk

    def _makes_way(self) -> bool:
        """Whether other shards come first: everybody else here was served, or this visit was long enough."""
        return self._served_others or self._office.clock() - self._began >= VISIT

    def _new_walk(self) -> Walk:
        apart = tuple(sorted(self._pacing.apart))
        served = [domain for domain in apart if domain not in self._pacing.held]
        if not served:
            return Walk(apart)
        with self._office.unit_of_work() as session:
            now = self._office.clock()
            return Walk(apart, limited_left(session, self._campaign_id, self._shard, now, served))

    def _take(self, grant: Grant, walk: Walk, books: Books) -> Sequence[ClaimedDelivery]:
        """Claim what the grant allows, and give back the rest of it once the claim is committed."""
        with self._office.unit_of_work() as session:
            now = self._office.clock()
            books.write(session, now)
            taken = self._claim(session, grant, walk, now)
        self._grant, self._limited = grant, taken.limited
        self._pacing.give_back(grant, len(taken.rows), taken.limited.values())
        return taken.rows

    def _claim(self, session: Session, grant: Grant, walk: Walk, now: datetime) -> Taken:
        if is_locked(session):
            self.ending = Ending.dry
            return Taken([], walk.after, 0)
        claim_no = self._office.raise_claim_no(session, now)
        self._claim_no, self._looked_at = claim_no, now
        shares = divide(grant.total, grant.by_domain, others_left=walk.others_left, turn=claim_no)
        taken = claim_rows(session, self._place(), now, shares[OTHERS], walk.after, walk.apart(shares))
        walk.note(shares, taken)
        self._served_others = self._served_others or bool(taken.looked_at)
        self._pacing.refresh(session, now)
        return taken

    def _wait(self, seconds: float | None) -> None:
        """Let a moment pass, a second at most, then look whether the campaign still sends."""
        if seconds is None:
            self.ending = Ending.barred
            return
        self._pacing.wait(min(seconds, LONGEST_WAIT_S), self._is_over)
        now = self._office.clock()
        if now - self._looked_at < LOOK_EVERY:
            return
        with self._office.unit_of_work() as session:
            campaign = find(session, self._campaign_id)
            if campaign is None or campaign.state != "sending":
                self.ending = Ending.dry
            self._pacing.refresh(session, now)
        self._looked_at = now

    def _place(self) -> Place:
        return Place(self._campaign_id, self._shard, self._office.sender_id, self._claim_no)
