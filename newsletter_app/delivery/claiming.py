"""The claim: one statement takes what may be sent and settles what may not; it hands nothing over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, null, select, update
from sqlalchemy.orm import Session

from newsletter_app.campaigns import BY_BREAKER, Campaign
from newsletter_app.delivery import claim_sql
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.owing import give_back_recorded
from newsletter_app.delivery.rules import SENDABLE, TOO_LATE
from newsletter_app.ledger import Recorded, State, find_by_key

FROM_THE_START: Final = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a claim takes from, and for whom."""

    campaign_id: int
    shard: int
    sender_id: int
    claim_no: int
    is_probe: bool = False
    """Whether it may take from a campaign that the breaker paused."""


@dataclass(slots=True)
class ClaimedDelivery:
    """A claimed row with what its message needs to know about its reader; nobody changes it."""

    ids: tuple[int, int]
    claim_no: int
    expires_at: datetime | None
    attempts: int
    edition_id: int
    first_attempt_at: datetime
    address: str
    name: str
    nonce: bytes
    asked_at: datetime
    time_zone: str | None = None
    hour: int | None = None

    @property
    def subscriber_id(self) -> int:
        """The reader."""
        return self.ids[1]


@dataclass(frozen=True, slots=True)
class Share:
    """What a limited domain may get of a claim, and where the walk for it has come to."""

    domain: str
    limit: int
    after: int = FROM_THE_START


@dataclass(frozen=True, slots=True)
class Apart:
    """The recipient domains that are limited, and the shares of those that get some now."""

    domains: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """How far a walk has come, and how many due rows it met; fewer than asked for, and it is at its end."""

    walked_to: int
    looked_at: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a claim took: the rows to hand over, and where the walk along the shard's key has come to.

    ``looked_at`` counts all rows that were due, those settled on the way too; at 0 the walk is at its end.
    Limited domains are walked apart: ``met`` says the same of each that had a share, and ``limited`` names
    the domain of each claimed reader of theirs.
    """

    rows: list[ClaimedDelivery]
    walked_to: int
    looked_at: int
    met: Mapping[str, Met] = field(default_factory=dict)
    limited: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a claim asks of its campaign."""

    may_send: bool
    cadence: str
    expires_at: datetime | None


def claim_rows(
    session: Session,
    place: Place,
    now: datetime,
    limit: int,
    after: int = FROM_THE_START,
    apart: Apart = Apart(),
) -> Taken:
    """Take up to ``limit`` due rows of a shard whose key is above ``after``, and retries that are due.

    Of domains that are set ``apart`` only their shares are taken, beside the ``limit`` of the others.
    Rows that may not be sent are settled on the way. Nothing is taken unless the campaign is sending.
    """
    standing = _campaign(session, place)
    if not standing.may_send:
        return Taken([], after, 0)
    values = _values(place, now, standing)
    walk = {"p_shard": place.shard, "p_after": after, "p_limit": limit} | _apart_values(apart)
    statement = claim_sql.claim(_dialect(session), len(apart.shares) if apart.domains else None)
    found = _execute(session, statement, values | walk)
    claimed = _sendable(session, place, found, now)
    rows = _with_readers(session, place, claimed, standing)
    if not apart.domains:
        others = _met(found, after)
        return Taken(rows, others.walked_to, others.looked_at)
    others = _met([row for row in found if row.domain not in apart.domains], after)
    met = {
        share.domain: _met([row for row in found if row.domain == share.domain], share.after)
        for share in apart.shares
    }
    limited = {row.subscriber_id: row.domain for row in claimed if row.domain in met}
    return Taken(rows, others.walked_to, others.looked_at, met, limited)


def claim_one(session: Session, place: Place, subscriber_id: int, now: datetime) -> list[ClaimedDelivery]:
    """Take one reader's waiting row, due or not, for a probe; nothing when it may not be sent, or is gone."""
    standing = _campaign(session, place)
    if not standing.may_send:
        return []
    values = _values(place, now, standing) | {"p_ids": [subscriber_id]}
    statement = claim_sql.claim_named(_dialect(session))
    found = _execute(session, statement, values)
    return _with_readers(session, place, _sendable(session, place, found, now), standing)


def limited_left(
    session: Session, campaign_id: int, shard: int, now: datetime, domains: Sequence[str]
) -> dict[str, int]:
    """Return which limited domains have due rows in a shard, and the place before the first of each."""
    values = {"p_campaign": campaign_id, "p_shard": shard, "p_now": now, "p_limited": list(domains)}
    found = session.execute(claim_sql.limited_left(), values)
    return {domain: first - 1 for domain, first in found}


def recheck_rows(
    session: Session, place: Place, rows: Sequence[tuple[int, int]], now: datetime
) -> set[tuple[int, ...]]:
    """Look again at claimed rows, in one statement; return those that may no longer be sent, now settled.

    Rows of a campaign that was paused or cancelled meanwhile go back to queued.
    """
    standing = _campaign(session, place)
    values = _values(place, now, standing) | {"p_ids": [subscriber_id for _, subscriber_id in rows]}
    values["p_otherwise"] = SENDABLE
    if not standing.may_send:
        return {tuple(ids) for ids in _execute(session, _LET_GO, values)}
    found = _execute(session, claim_sql.recheck(), values)
    settled = [_recorded(place, row) for row in found]
    give_back_recorded(session, settled, now)
    return {row.ids for row in settled}


def _campaign(session: Session, place: Place) -> _Standing:
    """Return whether the place's campaign sends (or waits for this very probe), and what else it says."""
    asked = {"p_campaign": place.campaign_id}
    [(state, paused_by, cadence, expires_at)] = session.connection().execute(_CAMPAIGN, asked).all()
    waits = place.is_probe and (state, paused_by) == ("paused", BY_BREAKER)
    return _Standing(state == "sending" or waits, cadence, expires_at)


def _execute(session: Session, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
    find_by_key(session)
    # By the connection: the ORM would look through these large statements anew each time.
    return session.connection().execute(statement, values).all()


def _otherwise(expires_at: datetime | None, now: datetime) -> str:
    return TOO_LATE if expires_at is not None and expires_at <= now else SENDABLE


def _sendable(session: Session, place: Place, found: Sequence[Any], now: datetime) -> list[Any]:
    """Return the rows that were claimed; those settled on the way are given back where that is due."""
    claimed = [row for row in found if row.state == State.claimed]
    if len(claimed) < len(found):
        settled = [_recorded(place, row) for row in found if row.state != State.claimed]
        give_back_recorded(session, settled, now)
    return claimed


def _values(place: Place, now: datetime, standing: _Standing) -> dict[str, Any]:
    return {
        "p_campaign": place.campaign_id,
        "p_sender": place.sender_id,
        "p_claim": place.claim_no,
        "p_now": now,
        "p_cadence": standing.cadence,
        "p_otherwise": _otherwise(standing.expires_at, now),
    }


def _apart_values(apart: Apart) -> dict[str, Any]:
    values: dict[str, Any] = {"p_limited": apart.domains} if apart.domains else {}
    for place, share in enumerate(apart.shares):
        values |= {
            f"p_domain_{place}": share.domain,
            f"p_limit_{place}": share.limit,
            f"p_after_{place}": share.after,
        }
    return values


def _met(found: Sequence[Any], after: int) -> Met:
    # The walk goes on behind the highest row it met; retries have come from anywhere.
    return Met(max((row.subscriber_id for row in found if not row.deferrals), default=after), len(found))


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _recorded(place: Place, row: Any) -> Recorded:
    return Recorded((place.campaign_id, row.subscriber_id), row.state, row.reason)


def _with_readers(
    session: Session, place: Place, claimed: Sequence[Any], standing: _Standing
) -> list[ClaimedDelivery]:
    """Return the claimed rows in the order of their key; SQLite is asked for the readers apart."""
    readers: dict[int, Sequence[Any]] = {}
    if claimed and _dialect(session) == "sqlite":
        ids = {"p_campaign": place.campaign_id, "p_ids": [row.subscriber_id for row in claimed]}
        ids |= {"p_cadence": standing.cadence}
        readers = {row[0]: row[1:] for row in session.execute(claim_sql.readers(), ids)}
    campaign_id, claim_no, expires_at = place.campaign_id, place.claim_no, standing.expires_at
    rows = [
        ClaimedDelivery((campaign_id, row[0]), claim_no, expires_at, *row[5:], *readers.get(row[0], ()))
        for row in claimed
    ]
    return sorted(rows, key=lambda row: row.ids)


_CAMPAIGN: Final = select(Campaign.state, Campaign.paused_by, Campaign.cadence, Campaign.expires_at).where(
    Campaign.id == claim_sql.CAMPAIGN
)
# What never left has no first attempt: its Date is written when it really goes (M4).
_LET_GO: Final = (
    update(Delivery)
    .where(*claim_sql.held())
    .values(
        state=State.queued,
        first_attempt_at=case((Delivery.attempts == 0, null()), else_=Delivery.first_attempt_at),
    )
    .returning(Delivery.campaign_id, Delivery.subscriber_id)
)
