"""What staff are told about tips on their way: one waits for approval, theirs was approved or given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import organisation, tips
from newsletter_app.kernel.languages import Language
from newsletter_app.staff_mail.events import Event, Facts, of_tip
from newsletter_app.tips import Tip, writing

# What is older was told before, or no machine ran to tell it.
LATELY: Final = timedelta(days=2)
DECISIONS: Final = ("approved", "given-back")


def waiting(session: Session, now: datetime) -> Iterator[Event]:
    """Yield each tip that waits for approval; not for whoever asked, nor for those who may not approve it."""
    asked = select(func.max(writing.TipStep.id)).join(Tip, Tip.id == writing.TipStep.tip_id)
    newest = asked.where(Tip.stage == "in-review", writing.TipStep.step == "asked").group_by(
        writing.TipStep.tip_id
    )
    for step in session.scalars(
        select(writing.TipStep).where(writing.TipStep.id.in_(newest)).order_by(writing.TipStep.id)
    ).all():
        tip = tips.find(session, step.tip_id)
        if tip is None:
            continue
        writers = frozenset() if organisation.writer_may_approve(session) else writing.writers(session, tip)
        but = writers | {step.by.casefold()}
        yield Event("review", f"step:{step.id}", _page(tip), now, _facts(tip, step), but=but)


def decided(session: Session, now: datetime) -> Iterator[Event]:
    """Yield what was approved or given back lately, for those whose work it is."""
    lately = select(writing.TipStep).where(
        writing.TipStep.step.in_(DECISIONS), writing.TipStep.at >= now - LATELY
    )
    for step in session.scalars(lately.order_by(writing.TipStep.id)).all():
        tip, theirs = tips.find(session, step.tip_id), _whose(session, step)
        if tip is not None and theirs:
            yield Event("decided", f"step:{step.id}", _page(tip), step.at, _facts(tip, step), only=theirs)


def _whose(session: Session, step: writing.TipStep) -> frozenset[str]:
    """Return who wrote what was decided on, or asked for it, since the approval before; not who decided."""
    before = session.scalar(
        select(func.max(writing.TipStep.at)).where(
            writing.TipStep.tip_id == step.tip_id,
            writing.TipStep.step == "approved",
            writing.TipStep.id < step.id,
        )
    )
    wrote = select(writing.TipRevision.saved_by).where(
        writing.TipRevision.tip_id == step.tip_id,
        writing.TipRevision.is_aside.is_(False),
        writing.TipRevision.saved_at <= step.at,
    )
    asked = select(writing.TipStep.by).where(
        writing.TipStep.tip_id == step.tip_id, writing.TipStep.step == "asked", writing.TipStep.id < step.id
    )
    if before is not None:
        wrote, asked = (
            wrote.where(writing.TipRevision.saved_at > before),
            asked.where(writing.TipStep.at > before),
        )
    people = {*session.scalars(wrote.distinct()), *session.scalars(asked.distinct())}
    return frozenset(by.casefold() for by in people if by) - {step.by.casefold()}


def _page(tip: Tip) -> str:
    return f"console/tips/{tip.id}"


def _facts(tip: Tip, step: writing.TipStep) -> Facts:
    def facts(language: Language) -> dict[str, Any]:
        return {"called": of_tip(tip, language), "who": step.by, "step": step.step, "comment": step.comment}

    return facts
