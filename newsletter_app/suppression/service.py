"""Suppressing an address, lifting it, and asking; every verb may be repeated without harm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter_app.kernel import departures
from newsletter_app.kernel.errors import Breach
from newsletter_app.suppression.models import Suppression
from newsletter_app.suppression.rules import LIFTED_BY_CONFIRMING, REASONS, Scope, outweighs


def is_suppressed(session: Session, address_key: str, scope: Scope) -> Suppression | None:
    """Return what forbids mail of ``scope`` to this address, or None.

    *bulk* mail (newsletters) is forbidden by either scope, *all* (service mails) only by *all*.
    """
    scopes = ("all", "bulk") if scope == "bulk" else ("all",)
    found = {row.scope: row for row in of_address(session, address_key)}
    return next((found[name] for name in scopes if name in found), None)


def of_address(session: Session, address_key: str) -> list[Suppression]:
    """Return every suppression of this address, *all* first."""
    rows = select(Suppression).where(Suppression.address_key == address_key).order_by(Suppression.scope)
    return list(session.scalars(rows))


def standing(session: Session, keys: Sequence[str]) -> set[tuple[str, str]]:
    """Return which of these addresses are suppressed, each with the scope."""
    rows = select(Suppression.address_key, Suppression.scope).where(Suppression.address_key.in_(keys))
    return {(key, scope) for key, scope in session.execute(rows)}


def listed(session: Session, limit: int = 100) -> list[Suppression]:
    """Return the newest suppressions, newest first."""
    return list(session.scalars(select(Suppression).order_by(Suppression.id.desc()).limit(limit)))


def everything(session: Session) -> Iterator[Suppression]:
    """Yield every suppression, oldest first, a thousand at a time."""
    yield from session.scalars(select(Suppression).order_by(Suppression.id).execution_options(yield_per=1000))


def suppress(
    session: Session, address_key: str, scope: Scope, reason: str, source: str, now: datetime
) -> Suppression:
    """Forbid mail of ``scope`` to this address; a heavier reason takes a lighter one's place.

    ``source`` says where it came from (a campaign, a person of the staff), never the address.
    Raises Breach for an unknown scope or reason.
    """
    if scope not in get_args(Scope) or reason not in REASONS:
        raise Breach("suppression-unknown", scope=scope, reason=reason)
    row = Suppression(
        address_key=address_key, scope=scope, reason=reason, source=source[:200], created_at=now
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        row = _strengthened(session, address_key, scope, reason, source)
    about = f"{scope},{row.reason}"
    departures.note(session, departures.Act(now, address_key, departures.SUPPRESSED, about))
    return row


def lift(session: Session, address_key: str, scope: Scope) -> bool:
    """Allow mail of ``scope`` to this address again; tell whether it had been forbidden."""
    rows = [row for row in of_address(session, address_key) if row.scope == scope]
    for row in rows:
        session.delete(row)
    session.flush()
    return bool(rows)


def lift_by_confirming(session: Session, address_key: str) -> bool:
    """Lift what the person answers by proving the address (M42); a complaint and scope *all* stay."""
    rows = of_address(session, address_key)
    answered = any(row.scope == "bulk" and row.reason in LIFTED_BY_CONFIRMING for row in rows)
    return answered and lift(session, address_key, "bulk")


def _strengthened(session: Session, address_key: str, scope: Scope, reason: str, source: str) -> Suppression:
    row = session.scalars(
        select(Suppression)
        .where(Suppression.address_key == address_key, Suppression.scope == scope)
        .with_for_update()
    ).one()
    if outweighs(reason, row.reason):
        row.reason, row.source = reason, source[:200]
        session.flush()
    return row
