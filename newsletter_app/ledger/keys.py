"""The keys this database was used with: known by fingerprint; a process with other keys is told so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.keys import check_fingerprints
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger.models import KeyFingerprint


def check_keys(session: Session, mine: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Return what speaks against these keys (see ``kernel.keys``), else remember the new ones."""
    faults = foreign_keys(session, mine)
    fresh = [
        {"name": name, "fingerprint": mine[name], "created_at": now}
        for name in sorted(mine.keys() - _known(session).keys())
    ]
    if fresh and not faults:
        session.execute(insert(session, KeyFingerprint).values(fresh).on_conflict_do_nothing())
    return faults


def foreign_keys(session: Session, mine: Mapping[str, str]) -> tuple[str, ...]:
    """Return what speaks against these keys, a sentence each; nothing is remembered."""
    return check_fingerprints(_known(session), mine)


def _known(session: Session) -> dict[str, str]:
    return {row.name: row.fingerprint for row in session.scalars(select(KeyFingerprint))}
