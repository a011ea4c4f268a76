"""Waiving what preflight found: by a person, for a reason, and never what the law or a whole mail needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.remembering import once
from newsletter_app.preflight.findings import BLOCKS, Finding
from newsletter_app.preflight.models import Waiver
from newsletter_app.preflight.tip_rules import REVIEW_OVERDUE
from newsletter_app.tips import Tip

REASON_LIMIT: Final = 300
# A judgement can weigh these. Who sends, how to stop, the words of a picture, and whatever makes a mail
# broken or of nothing, cannot be left out by anybody.
WAIVABLE: Final = frozenset(
    {REVIEW_OVERDUE, "html-too-big", "text-too-big", "style-too-big", "html-forbidden", "link-deceives"}
    | {"program-lacks", "spam-score", "link-gone", "link-untrusted"}
)


def waive(session: Session, tip: Tip, finding: Finding, *, by: str, reason: str, now: datetime) -> Waiver:
    """Let ``finding`` stop ``tip`` no more; return the waiver, the one that stands where there is one.

    Raises Breach ``finding-not-waivable``, ``finding-stops-nothing``, ``by-missing`` and ``reason-missing``
    (a reason has 1 to 300 signs).
    """
    if finding.level != BLOCKS:
        raise Breach("finding-stops-nothing", finding=finding.code)
    if finding.code not in WAIVABLE:
        raise Breach("finding-not-waivable", finding=finding.code)
    if not by.strip():
        raise Breach("by-missing")
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise Breach("reason-missing", limit=REASON_LIMIT)
    standing = session.scalar(
        select(Waiver).where(
            Waiver.tip_id == tip.id, Waiver.code == finding.code, Waiver.place == finding.where
        )
    )
    if standing is not None:
        return standing
    waiver = Waiver(tip_id=tip.id, code=finding.code, place=finding.where)
    waiver.waived_by, waiver.reason, waiver.waived_at = by.strip(), reason.strip(), now
    session.add(waiver)
    session.flush()
    return waiver


def waivers_of(session: Session, tip_ids: Iterable[int]) -> Sequence[Waiver]:
    """Return what was waived for any of these tips, the oldest first."""
    ids = sorted(set(tip_ids))
    theirs = select(Waiver).where(Waiver.tip_id.in_(ids)).order_by(Waiver.id)
    return once(session, (Waiver, *ids), lambda: session.scalars(theirs).all())


def still_standing(session: Session, tip_ids: Iterable[int], found: Iterable[Finding]) -> list[Finding]:
    """Return ``found`` without what was waived for one of these tips."""
    found = list(found)
    if not found:
        return []
    waived = {(waiver.code, waiver.place) for waiver in waivers_of(session, tip_ids)}
    return [finding for finding in found if (finding.code, finding.where) not in waived]
