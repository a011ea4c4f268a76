"""Checks kept with their time: begun by one process at a time, asked with no transaction open, then kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from newsletter_app.authentication.identity import Identity
from newsletter_app.authentication.judging import refusals
from newsletter_app.authentication.models import AuthenticationCheck
from newsletter_app.authentication.rules import CheckState, Word, is_due, state_of, word_of
from newsletter_app.kernel.observations import Gravity, Observation
from newsletter_app.kernel.upserts import insert

FORGET_AFTER: Final = timedelta(days=30)
MOST_TEXT: Final = 500


def begin_check(session: Session, identity: Identity, now: datetime, *, anew: bool = False) -> bool:
    """Take it on oneself to ask about ``identity``; False while what is known is good, or another asks.

    With ``anew`` a person wants to know it as it is now.
    """
    # Asked every two seconds, and nearly always for nothing: reading locks nobody.
    known = _check(session, identity)
    if known is not None and not _is_wanted(known, now, anew=anew):
        return False
    row = {"fingerprint": identity.fingerprint, "faults": [], "asked_at": now}
    fresh = insert(session, AuthenticationCheck).values(row).on_conflict_do_nothing()
    if session.scalar(fresh.returning(AuthenticationCheck.fingerprint)) is not None:
        return True
    check = session.get_one(
        AuthenticationCheck, identity.fingerprint, with_for_update=True, populate_existing=True
    )
    if not _is_wanted(check, now, anew=anew):
        return False
    check.asked_at = now
    session.flush()
    return True


def keep_check(
    session: Session, identity: Identity, found: Collection[Observation], now: datetime
) -> CheckState:
    """Keep what was found; checks of identities that nobody has had for a month are forgotten."""
    faults = refusals(found)
    state = state_of(found, faults)
    values = {
        "state": state,
        "faults": [_kept(fault) for fault in faults],
        "asked_at": now,
        "checked_at": now,
    }
    row = insert(session, AuthenticationCheck).values({"fingerprint": identity.fingerprint, **values})
    session.execute(row.on_conflict_do_update(index_elements=["fingerprint"], set_=values))
    session.execute(delete(AuthenticationCheck).where(AuthenticationCheck.asked_at < now - FORGET_AFTER))
    return state


def last_word(session: Session, identity: Identity | None) -> Word:
    """Return what the last check says to a launch; without an identity nothing is checked."""
    if identity is None:
        return Word.go
    check = _check(session, identity)
    return Word.wait if check is None else word_of(CheckState(check.state))


def known_faults(session: Session, identity: Identity | None) -> list[Observation]:
    """Return the faults that the last check found."""
    check = _check(session, identity) if identity is not None else None
    return (
        [Observation(gravity=Gravity.fault, **fault) for fault in check.faults] if check is not None else []
    )


def _kept(fault: Observation) -> dict[str, Any]:
    # A stranger's record may have 64 KB, and what is told of it is its beginning.
    facts = {name: text[:MOST_TEXT] for name, text in fault.facts.items()}
    return {"code": fault.code, "subject": fault.subject, "facts": facts}


def _is_wanted(check: AuthenticationCheck, now: datetime, *, anew: bool) -> bool:
    return anew or is_due(CheckState(check.state), check.asked_at, now)


def _check(session: Session, identity: Identity) -> AuthenticationCheck | None:
    return session.get(AuthenticationCheck, identity.fingerprint, populate_existing=True)
