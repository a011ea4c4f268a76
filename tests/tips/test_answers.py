"""Was a tip useful: bare counts, of every answer that was given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.tips import TipAnswer
from tests.factories.content import make_notice, make_tip


def test_answers_are_counted_and_nothing_else_is_kept(session: Session, now: datetime) -> None:
    notice = make_notice(session, now)
    first, second = (make_tip(session, notice, number, now) for number in (1, 2))
    for tip, answer in ((second, "no"), (first, "yes"), (first, "a-little"), (first, "yes")):
        tips.count_answer(session, tip.id, answer)
    told = [(one.tip.number, list(one.counts.values())) for one in tips.answered(session)]
    assert told == [(1, [2, 1, 0]), (2, [0, 0, 1])]
    # L17: no time, no place, no reader; two answers cannot be told apart.
    assert {column.key for column in inspect(TipAnswer).columns} == {"tip_id", "answer", "count"}
