"""Who became a reader and who ceased to be one within a time, told from the consent records alone.

The records only grow, so the same question has the same answer tonight and next year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
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
    each = _before_and_after(session, begins_at, ends_at)
    people = (
        select(func.max(each.c.was).label("was"), func.max(each.c.now).label("now"))
        .group_by(each.c.person)
        .subquery("people")
    )
    # In one statement, so that what both are counted from is gathered once.
    whole = select(literal(ALL).label("notice_id"), *_counts(people))
    by_notice = select(each.c.notice_id, *_counts(each)).group_by(each.c.notice_id)
    rows = session.execute(union_all(whole, by_notice)).mappings()
    found = {row["notice_id"]: Change(row["joined"], row["left"]) for row in rows}
    return {
        notice_id: change for notice_id, change in found.items() if notice_id == ALL or change != Change()
    }


def within(begins_at: datetime, ends_at: datetime | None) -> list[ColumnElement[bool]]:
    """Return what a record of that time fulfils, if it began or ended anything."""
    known = [ConsentRecord.act.in_(STARTS + ENDS), ConsentRecord.at >= begins_at]
    return known if ends_at is None else [*known, ConsentRecord.at < ends_at]


def _before_and_after(session: Session, begins_at: datetime, ends_at: datetime | None) -> CTE:
    """Return a row per person and notice: whether they were a reader before, and are afterwards.

    The last act decides. Its id is doubled and its kind put into the lowest bit, so that one maximum tells.
    """
    history = _history_of_touched(session, begins_at, ends_at)
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
        .cte("each")
    )


def _history_of_touched(session: Session, begins_at: datetime, ends_at: datetime | None) -> Subquery:
    """Return every act of whoever did anything in that time.

    Of a person who was erased only the address's hash is left.
    """
    touched, nobody = within(begins_at, ends_at), ConsentRecord.subscriber_id.is_(None)
    ids = select(ConsentRecord.subscriber_id).where(*touched)
    keys = select(ConsentRecord.address_key).where(nobody, *touched)
    known = _is_among(session, ConsentRecord.subscriber_id, ids)
    erased = nobody & _is_among(session, ConsentRecord.address_key, keys)
    parts = [
        _acts(cast(ConsentRecord.subscriber_id, String)).where(known),
        _acts(ConsentRecord.address_key).where(erased),
    ]
    return union_all(*parts).subquery("history")


def _is_among(session: Session, column: Any, found: Select[Any]) -> ColumnElement[bool]:
    """Whether ``column`` is one of those found, each looked up in its index.

    PostgreSQL reads every record there is for some thousand it expects to find, unless it is handed them.
    """
    if session.get_bind().dialect.name != "postgresql":
        among: ColumnElement[bool] = column.in_(found)
        return among
    handed: ColumnElement[bool] = column == func.any(func.array(found.scalar_subquery()))
    return handed


def _acts(person: Any) -> Select[Any]:
    columns = (ConsentRecord.notice_id, ConsentRecord.id, ConsentRecord.act, ConsentRecord.at)
    return select(person.label("person"), *columns).where(ConsentRecord.act.in_(STARTS + ENDS))


def _counts(rows: Subquery | CTE) -> list[ColumnElement[int]]:
    joined = func.count().filter(rows.c.now == 1, rows.c.was == 0)
    left = func.count().filter(rows.c.was == 1, rows.c.now == 0)
    return [joined.label("joined"), left.label("left")]
