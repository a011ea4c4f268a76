"""A shard's errand: what the sending loop asks of deliveries, for one campaign, one shard and one slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.campaigns import Edition
from newsletter_app.delivery import editions
from newsletter_app.delivery.claiming import (
    FROM_THE_START,
    ClaimedDelivery,
    Place,
    claim_rows,
    recheck_rows,
)
from newsletter_app.delivery.filling import Filling, Postmark, fill
from newsletter_app.delivery.owing import DELIVERIES
from newsletter_app.delivery.shards import SLICE, leave_shard, rest_shard, take_shard
from newsletter_app.digests import Composer
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Links
from newsletter_app.ledger import (
    WENT_BACK,
    Ledger,
    Office,
    is_locked,
    raise_claim_no,
    send_due,
)
from newsletter_app.mail import HeaderRefused
from newsletter_app.mail.transport import Parcel

KEPT: Final = 16
DEFAULT_ZONE: Final = "UTC"


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a slice takes along: the composer of digests, and what every message bears."""

    composer: Composer
    links: Links
    mail_from: str
    bounce_domain: str


class ShardErrand:
    """Claims, looks again and fills for one shard (see ``ledger.Errand``)."""

    ledger: Ledger = DELIVERIES

    def __init__(self, campaign_id: int, shard: int, office: Office, postmark: Postmark) -> None:
        """Begin a slice on a shard, and a walk at its lowest key."""
        self._campaign_id, self._shard = campaign_id, shard
        self._office, self._postmark = office, postmark
        self._fillings: dict[int, Filling] = {}
        self._claim_no = 0
        self._walked_to = FROM_THE_START

    def claim(self, session: Session, now: datetime, limit: int) -> Sequence[ClaimedDelivery] | None:
        """Take at most ``limit`` due rows, unless something forbids to send; None when nothing is due.

        The walk along the key begins once more at its end, for rows that came back behind it. Raises
        Breach (database-went-back).
        """
        if is_locked(session):
            return None
        claim_no = raise_claim_no(session, self._office.sender_id, now)
        if claim_no <= self._claim_no:
            # The next opening of the office finds this process's journal ahead, and locks sending.
            raise Breach(WENT_BACK, sender=self._office.sender_id)
        self._claim_no = claim_no
        taken = claim_rows(session, self._place(), now, limit, self._walked_to)
        if not taken.looked_at and self._walked_to:
            taken = claim_rows(session, self._place(), now, limit)
        self._walked_to = taken.walked_to
        return taken.rows if taken.looked_at else None

    def recheck(
        self, session: Session, rows: Sequence[ClaimedDelivery], now: datetime
    ) -> set[tuple[int, ...]]:
        """Settle those of ``rows`` that may no longer be sent."""
        return recheck_rows(session, self._place(), [row.ids for row in rows], now)

    def parcel(self, row: ClaimedDelivery) -> Parcel | None:
        """Fill the message of a row, or return None for an address that no header can hold."""
        try:
            return fill(self._filling(row.edition_id), row, self._postmark)
        except HeaderRefused:
            return None

    def _place(self) -> Place:
        return Place(self._campaign_id, self._shard, self._office.sender_id, self._claim_no)

    def _filling(self, edition_id: int) -> Filling:
        if edition_id not in self._fillings:
            if len(self._fillings) >= KEPT:
                self._fillings.pop(next(iter(self._fillings)))
            with self._office.unit_of_work() as session:
                self._fillings[edition_id] = _load(session, edition_id)
        return self._fillings[edition_id]


def send_shard(
    campaign_id: int,
    shard: int,
    *,
    office: Office,
    outfit: Outfit,
    stop: Callable[[], bool],
) -> bool:
    """Work on a shard for a slice of 20 seconds; return whether the time ran out before the work did.

    Nothing is done while another process is the shard's runner.
    """
    clock, unit_of_work = office.clock, office.unit_of_work
    until = clock() + SLICE
    with unit_of_work() as session:
        if is_locked(session) or not take_shard(session, campaign_id, shard, office.sender_id, clock()):
            return False
        zone = _zone(session)
    if not editions.prepare(unit_of_work, outfit.composer, campaign_id, clock, stop):
        return False
    postmark = Postmark(outfit.links, outfit.mail_from, outfit.bounce_domain, zone)
    errand = ShardErrand(campaign_id, shard, office, postmark)

    def is_over() -> bool:
        return stop() or clock() >= until

    done = send_due(errand, office, is_over)
    with unit_of_work() as session:
        if done.is_dry:
            rest_shard(session, campaign_id, shard, office.sender_id, clock())
        elif is_over():
            leave_shard(session, campaign_id, shard, office.sender_id, clock())
    # A slice that ends for want of a server keeps its lease, so that the next try waits a little.
    return is_over() and not (done.is_dry or stop())


def _load(session: Session, edition_id: int) -> Filling:
    compiled, notice_ids, made_at = editions.load(session, edition_id)
    language = as_language(session.get_one(Edition, edition_id).language)
    return Filling(edition_id, compiled, notice_ids, language, made_at)


def _zone(session: Session) -> str:
    owner = organisation.find(session)
    return owner.time_zone if owner else DEFAULT_ZONE
