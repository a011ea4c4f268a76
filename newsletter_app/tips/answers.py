"""Was a tip useful? Answers as bare counts: nobody's name, no time, no address, nothing to tell two apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.upserts import insert
from newsletter_app.tips.models import Tip

Answer = Literal["yes", "a-little", "no"]
ANSWERS: Final[tuple[Answer, ...]] = ("yes", "a-little", "no")


class TipAnswer(Base):
    """How often one answer was given for one tip."""

    __tablename__ = "tip_answers"
    __table_args__ = (CheckConstraint("answer IN ('yes', 'a-little', 'no')", name="answer_known"),)

    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int]


class Answered(NamedTuple):
    """A tip and the count of each answer, in the order of ``ANSWERS``."""

    tip: Tip
    counts: Mapping[Answer, int]


def count_answer(session: Session, tip_id: int, answer: Answer) -> None:
    """Count one answer; two at once are both counted."""
    row = insert(session, TipAnswer).values(tip_id=tip_id, answer=answer, count=1)
    one_more = {"count": TipAnswer.count + 1}
    session.execute(
        row.on_conflict_do_update(index_elements=[TipAnswer.tip_id, TipAnswer.answer], set_=one_more)
    )


def answered(session: Session) -> list[Answered]:
    """Return every tip that somebody answered for, by number and then by age."""
    rows = session.execute(
        select(Tip, TipAnswer.answer, TipAnswer.count)
        .join(TipAnswer, TipAnswer.tip_id == Tip.id)
        .order_by(Tip.number.nulls_last(), Tip.id)
    )
    counts: dict[int, dict[str, int]] = {}
    found: dict[int, Tip] = {}
    for tip, answer, count in rows:
        found[tip.id] = tip
        counts.setdefault(tip.id, {})[answer] = count
    return [Answered(tip, {one: counts[tip.id].get(one, 0) for one in ANSWERS}) for tip in found.values()]
