"""A probe's errand: one row, claimed, handed over and recorded like every other, to see what it meets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.delivery import editions
from newsletter_app.delivery.claiming import ClaimedDelivery, Place, claim_one, recheck_rows
from newsletter_app.delivery.filling import Postmark, fill
from newsletter_app.delivery.fillings import Fillings
from newsletter_app.delivery.owing import DELIVERIES
from newsletter_app.delivery.probing import Dice, ProbeWatch, Target, choose
from newsletter_app.delivery.slices import Outfit
from newsletter_app.ledger import (
    Books,
    Breaker,
    BreakerKind,
    Ledger,
    Office,
    half_open_breaker,
    is_locked,
    send_due,
)
from newsletter_app.mail import HeaderRefused
from newsletter_app.mail.transport import Parcel

NO_CLAIM: Final = 0
NO_SHARD: Final = -1  # A probe walks none; whoever works on the row's shard skips a claimed row.


class ProbeErrand:
    """Claims one row and no second one (see ``ledger.Errand``); no pace is asked for a single message."""

    ledger: Ledger = DELIVERIES

    def __init__(self, target: Target, office: Office, postmark: Postmark, shunned: frozenset[str]) -> None:
        """Take ``target``'s row over any server but the ``shunned``."""
        self._target, self._office, self._postmark, self._shunned = target, office, postmark, shunned
        self._fillings = Fillings(office.unit_of_work, postmark.keyring)
        self._place = Place(target.campaign_id, NO_SHARD, office.sender_id, NO_CLAIM, is_probe=True)

    def claim(self, limit: int, books: Books, *, may_wait: bool) -> Sequence[ClaimedDelivery] | None:
        """Take the row; None the second time, and when no server or no row is to be had."""
        books.flush()
        office = self._office
        if self._place.claim_no != NO_CLAIM or office.transport.next_server(self._shunned) is None:
            return None
        now = office.clock()
        with office.unit_of_work() as session:
            self._place = replace(self._place, claim_no=office.raise_claim_no(session, now))
            return claim_one(session, self._place, self._target.subscriber_id, now) or None

    def release(self, rows: Sequence[ClaimedDelivery]) -> None:
        """Let them be: no pace was used."""

    def recheck(
        self, session: Session, rows: Sequence[ClaimedDelivery], now: datetime
    ) -> set[tuple[int, ...]]:
        """Settle the row if its reader stopped meanwhile."""
        return recheck_rows(session, self._place, [row.ids for row in rows], now)

    def parcel(self, row: ClaimedDelivery) -> Parcel | None:
        """Fill the message, or return None for an address that no header can hold."""
        try:
            return fill(self._fillings.of(row.edition_id), row, self._postmark)
        except HeaderRefused:
            return None


def send_probe(
    breaker_id: int, *, office: Office, outfit: Outfit, stop: Callable[[], bool], dice: Dice
) -> bool | None:
    """Send the one message that a half-open breaker lets go; return whether it was taken, None without one.

    The breaker is decided in the transaction that records the outcome. With no outcome it stays half-open,
    and another probe begins when this one's two minutes are over.
    """
    with office.unit_of_work() as session:
        breaker = half_open_breaker(session, breaker_id)
        if breaker is None or is_locked(session):
            return None
        target = choose(session, breaker, dice)
        postmark = Postmark(outfit.links, outfit.bounce_domain, organisation.zone_of(session), outfit.keyring)
    if target is None or not editions.prepare(
        office.unit_of_work, outfit.composer, outfit.keyring, target.campaign_id, office.clock, stop
    ):
        return None
    watch = ProbeWatch(breaker, office.watch)
    errand = ProbeErrand(target, office, postmark, _shunned(breaker, office))
    send_due(errand, replace(office, watch=watch), stop)
    return watch.is_mended


def _shunned(breaker: Breaker, office: Office) -> frozenset[str]:
    """Return the servers a probe must not take: all but the one it is for, or those that are out."""
    if breaker.kind == BreakerKind.server:
        return office.watch.servers - {breaker.name}
    return office.watch.shunned
