"""One reader's message: a compiled edition filled with their links and dates; it renders nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import sha256

from newsletter_app.campaigns import Slot, due_from, stored_wish
from newsletter_app.delivery.claiming import ClaimedDelivery
from newsletter_app.delivery.owing import DELIVERIES
from newsletter_app.kernel import words
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import Links, Purpose
from newsletter_app.kernel.local_time import zone_or
from newsletter_app.mail import Compiled, Keyring, Signer
from newsletter_app.mail.transport import Parcel


@dataclass(frozen=True)
class Filling:
    """A compiled edition with what its readers' values depend on."""

    edition_id: int
    compiled: Compiled
    notice_ids: tuple[int, ...]
    language: Language
    made_at: datetime
    signer: Signer | None = None
    next_at: datetime | None = None

    @cached_property
    def seed(self) -> str:
        """What Message-IDs of this edition are made from."""
        return f"{self.edition_id}:{self.made_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Postmark:
    """What every message of this installation bears, and the keys that editions name to sign it."""

    links: Links
    bounce_domain: str
    zone: str
    keyring: Keyring


def fill(filling: Filling, row: ClaimedDelivery, postmark: Postmark) -> Parcel:
    """Return the parcel for a claimed row; a retry gives the same octets.

    Raises HeaderRefused for an address that no header can hold.
    """
    links, stops = postmark.links, (row.subscriber_id, *filling.notice_ids)
    message = filling.compiled.fill(
        to_address=row.address,
        to_name=row.name,
        date=row.first_attempt_at,
        message_id=message_id(filling, row),
        values={
            "asked_on": words.full_date(row.asked_at, postmark.zone, filling.language),
            "choices_url": links.url("choices", links.token(Purpose.CHOICES, stops[:1], row.nonce)),
            "stop_url": links.url("stop", links.token(Purpose.STOP, stops)),
            **_locals(filling, links, stops, row),
            **_next_on(filling, row, postmark.zone),
        },
        signer=filling.signer,
    )
    # The envelope sender is one per reader and message, so that what comes back can be told apart (M24).
    sender = f"{links.bounce_local(row.ids)}@{postmark.bounce_domain}"
    return Parcel(DELIVERIES.key(*row.ids), row.claim_no, sender, row.address, message)


def _locals(filling: Filling, links: Links, stops: tuple[int, ...], row: ClaimedDelivery) -> dict[str, str]:
    """Return the local parts that an edition shows: one compiled by an earlier version knows none of them."""
    made = {"stop_local": (links.stop_local, stops), "bounce_local": (links.bounce_local, row.ids)}
    return {slot: make(ids) for slot, (make, ids) in made.items() if filling.compiled.shows(slot)}


def _next_on(filling: Filling, row: ClaimedDelivery, zone: str) -> dict[str, str]:
    """Say when the next tip comes to a reader with an hour or a zone of their own; others read ours."""
    if filling.next_at is None or (row.time_zone is None and row.hour is None):
        return {}
    return {"next_on": next_on(filling.next_at, row.time_zone, row.hour, zone, filling.language)}


# A campaign has one such moment, and its readers few pairs of zone and hour.
@lru_cache(maxsize=4096)
def next_on(launched_at: datetime, zone: str | None, hour: int | None, ours: str, language: Language) -> str:
    """Return when a reader gets what goes out at ``launched_at``, in words and by the planner's own rule."""
    # Of a slot only the zone counts for each tip.
    slot = Slot(weekday=0, day_of_month=1, hour=0, zone=ours)
    due_at = due_from(launched_at, slot, stored_wish(zone, hour))
    return words.sentence(words.when(due_at, zone_or(zone, ours), language))


def message_id(filling: Filling, row: ClaimedDelivery) -> str:
    """Return ``<c7.1001.9f3c…@domain>``: the same on every retry, another for every reader (M5).

    The domain is that of the compiled From field, whatever MAIL_FROM has become meanwhile.
    """
    campaign_id, subscriber_id = row.ids
    mark = sha256(f"{campaign_id}:{subscriber_id}:{filling.seed}".encode()).hexdigest()[:16]
    return f"<c{campaign_id}.{subscriber_id}.{mark}@{filling.compiled.from_domain}>"
