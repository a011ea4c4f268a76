"""Who became a reader and who ceased to be one within a time, told from the consent records alone.

The records only grow, so the same question has the same answer tonight and next year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from newsletter_app.figures.models import ALL
from newsletter_app.subscriptions import ConsentRecord

STARTS: Final = ("confirmed", "added", "restarted")
ENDS: Final = ("withdrawn", "lapsed")


@dataclass(frozen=True, slots=True)
class Change:
    """How many were no readers before and are afterwards, and the other way round."""

    joined: int = 0
    left: int = 0


def changes(session: Session, begins_at: datetime, ends_at: datetime | None = None) -> dict[int, Change]:
    """Return, by notice and for ``ALL`` people, what changed from ``begins_at`` until before ``ends_at``.

    Without an end everything since counts. What did not change at all is left out, but never ``ALL``.
    """
    each = _before_and_after(begins_at, ends_at)
    people = (
        select(func.max(each.c.was).label("was"), func.max(each.c.now).label("now"))
        .group_by(each.c.person)
        .subquery("people")
    )
    whole = session.execute(select(*_counts(people))).one()
    found = {ALL: Change(whole[0], whole[1])}
    by_notice = select(each.c.notice_id, *_counts(each)).group_by(each.c.notice_id)
    found |= {notice_id: Change(joined, left) for notice_id, joined, left in session.execute(by_notice)}
    return {
        notice_id: change for notice_id, change in found.items() if notice_id == ALL or change != Change()
    }


def within(begins_at: datetime, ends_at: datetime | None) -> list[ColumnElement[bool]]:
    """Return what a record of that time fulfils, if it began or ended anything."""
    known = [ConsentRecord.act.in_(STARTS + ENDS), ConsentRecord.at >= begins_at]
    return known if ends_at is None else [*known, ConsentRecord.at < ends_at]


def _before_and_after(begins_at: datetime, ends_at: datetime | None) -> Subquery:
    """Return a row per person and notice: whether they were a reader before, and are afterwards.

    The last act decides. Its id is doubled and its kind put into the lowest bit, so that one maximum tells.
    """
    history = _history_of_touched(begins_at, ends_at)
    began = case((history.c.act.in_(STARTS), 1), else_=0)
    act = cast(history.c.id, BigInteger) * 2 + began
    now = act if ends_at is None else case((history.c.at < ends_at, act))
    was = case((history.c.at < begins_at, act))
    return (
        select(
            history.c.person,
            history.c.notice_id,
            (func.coalesce(func.max(was), 0) % 2).label("was"),
            (func.coalesce(func.max(now), 0) % 2).label("now"),
        )
        .group_by(history.c.person, history.c.notice_id)
        .subquery("each")
    )


def _history_of_touched(begins_at: datetime, ends_at: datetime | None) -> Subquery:
    """Return every act of whoever did anything in that time.

    Of a person who was erased only the address's hash is left.
    """
    touched = within(begins_at, ends_at)
    known = ConsentRecord.subscriber_id.in_(select(ConsentRecord.subscriber_id).where(*touched))
    erased = ConsentRecord.subscriber_id.is_(None) & ConsentRecord.address_key.in_(
        select(ConsentRecord.address_key).where(ConsentRecord.subscriber_id.is_(None), *touched)
    )
    parts = [
        _acts(cast(ConsentRecord.subscriber_id, String)).where(known),
        _acts(ConsentRecord.address_key).where(erased),
    ]
    return union_all(*parts).subquery("history")


def _acts(person: Any) -> Select[Any]:
    columns = (ConsentRecord.notice_id, ConsentRecord.id, ConsentRecord.act, ConsentRecord.at)
    return select(person.label("person"), *columns).where(ConsentRecord.act.in_(STARTS + ENDS))


def _counts(rows: Subquery) -> list[ColumnElement[int]]:
    joined = func.count().filter(rows.c.now == 1, rows.c.was == 0)
    left = func.count().filter(rows.c.was == 1, rows.c.now == 0)
    return [joined, left]
