"""What was found when links were tried: kept by address for a month, whichever tips have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.remembering import once
from newsletter_app.kernel.upserts import insert
from newsletter_app.preflight.models import LinkTry
from newsletter_app.preflight.tried_rules import Tried, outcome

COUNTS: Final = timedelta(days=30)  # As long as `flask references check` leaves a source alone.


def keep_try(session: Session, address: str, found: str, now: datetime) -> None:
    """Keep what was found at ``address``, a status or a code of FetchRefused, in place of what was before."""
    values = {"address": address, "found": found, "tried_at": now}
    made = insert(session, LinkTry).values(digest=_digest(address), **values)
    session.execute(made.on_conflict_do_update(index_elements=[LinkTry.digest], set_=values))


def tries_of(session: Session, addresses: Collection[str], now: datetime) -> Mapping[str, Tried]:
    """Return what was found at these addresses in the last thirty days; the others are left out."""
    wanted = sorted(map(_digest, set(addresses)))
    if not wanted:
        return {}
    theirs = select(LinkTry.address, LinkTry.found, LinkTry.tried_at).where(LinkTry.digest.in_(wanted))
    lately = theirs.where(LinkTry.tried_at >= now - COUNTS)
    rows = once(session, (LinkTry, *wanted), lambda: session.execute(lately).all())
    return {address: Tried(found, tried_at) for address, found, tried_at in rows}


def in_turn(session: Session, addresses: Collection[str], now: datetime) -> list[str]:
    """Return ``addresses`` as they are to be tried where not all can be: what nobody tried lately, then what
    was not well, the longest untried first.
    """
    tried = tries_of(session, addresses, now)

    def turn(address: str) -> tuple[bool, bool, datetime, str]:
        seen = tried.get(address)
        if seen is None:
            return (False, False, now, address)
        return (True, outcome(seen.found) == "alive", seen.tried_at, address)

    return sorted(addresses, key=turn)


def forget_tries(session: Session, before: datetime, limit: int) -> int:
    """Delete what was found before a moment, at most ``limit`` rows; return how many."""
    old = select(LinkTry.digest).where(LinkTry.tried_at < before).limit(limit)
    gone = delete(LinkTry).where(LinkTry.digest.in_(old)).returning(LinkTry.digest)
    return len(session.scalars(gone).all())


def _digest(address: str) -> str:
    return sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
