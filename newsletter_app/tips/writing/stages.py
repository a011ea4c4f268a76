"""The steps of a tip towards the web: asked, given back, approved; what is changed has to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import audit, notices, organisation
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips.models import Tip
from newsletter_app.tips.rules import missing_to_publish
from newsletter_app.tips.writing.models import TipRevision, TipStep
from newsletter_app.tips.writing.releasing import as_written

Stage = Literal["draft", "in-review", "approved"]
Step = Literal["asked", "given-back", "approved", "changed"]
LONGEST_COMMENT: Final = 1000


def ask_approval(session: Session, tip: Tip, *, by: str, now: datetime) -> None:
    """Put the tip before whoever approves it; asked already or approved, it stays so.

    Raises Breach ``tip-incomplete``: nobody should be asked about half a tip.
    """
    if tip.stage != "draft":
        return
    notice = notices.find(session, tip.notice_id)
    with as_written(session, tip):
        missing = missing_to_publish(tip, notice) if notice else ("notice",)
    if missing:
        raise Breach("tip-incomplete", number=tip.number, missing=",".join(missing))
    _step(session, tip, "asked", "in-review", by, now)


def give_back(session: Session, tip: Tip, comment: str, *, by: str, now: datetime) -> None:
    """Make it a draft again, with what is to be done. Raises Breach ``stage-wrong``, ``comment-missing``."""
    if tip.stage == "draft":
        raise Breach("stage-wrong", stage=tip.stage)
    if not 0 < len(comment.strip()) <= LONGEST_COMMENT:
        raise Breach("comment-missing", limit=LONGEST_COMMENT)
    _step(session, tip, "given-back", "draft", by, now, comment.strip())


def approve(session: Session, tip: Tip, *, by: str, now: datetime) -> None:
    """Say that the tip may go out as it is written; approved already, it stays so.

    Where the organisation wants another person than those who wrote it, raises Breach
    ``writer-approves``, and ``stage-wrong`` while nobody asked.
    """
    if tip.stage == "approved":
        return
    if not organisation.writer_may_approve(session):
        if tip.stage != "in-review":
            raise Breach("stage-wrong", stage=tip.stage)
        if by.casefold() in writers(session, tip):
            raise Breach("writer-approves")
    _step(session, tip, "approved", "approved", by, now)


def approve_by_sending(session: Session, tip: Tip) -> None:
    """Take it for approved that somebody publishes or schedules a tip, where its writer may approve it.

    That act has its own record. Raises Breach ``tip-not-approved`` where another person must.
    """
    if tip.stage != "approved" and not organisation.writer_may_approve(session):
        raise Breach("tip-not-approved")
    tip.stage = "approved"


def changed(session: Session, tip: Tip, *, by: str, now: datetime) -> None:
    """Make an asked or approved tip a draft again, for what was read is not what is written now."""
    if tip.stage != "draft":
        _step(session, tip, "changed", "draft", by, now)


def writers(session: Session, tip: Tip) -> frozenset[str]:
    """Return who has written since the tip was last approved, in small letters."""
    last = session.scalar(
        select(func.max(TipStep.at)).where(TipStep.tip_id == tip.id, TipStep.step == "approved")
    )
    mine = select(TipRevision.saved_by).where(TipRevision.tip_id == tip.id, TipRevision.is_aside.is_(False))
    since = mine.where(TipRevision.saved_at > last) if last is not None else mine
    return frozenset(by.casefold() for by in session.scalars(since.distinct()) if by)


def steps(session: Session, tip: Tip) -> Sequence[TipStep]:
    """Return the steps of a tip, the newest first."""
    mine = select(TipStep).where(TipStep.tip_id == tip.id)
    return session.scalars(mine.order_by(TipStep.id.desc())).all()


def _step(
    session: Session, tip: Tip, step: Step, stage: Stage, by: str, now: datetime, comment: str = ""
) -> None:
    tip.stage = stage
    session.add(TipStep(tip_id=tip.id, step=step, by=by, comment=comment, at=now))
    details = {"comment": comment} if comment else {}
    subject = f"tip:{tip.id}"
    audit.note(session, actor=by, action=f"tip.{step}", subject=subject, details=details, now=now)
