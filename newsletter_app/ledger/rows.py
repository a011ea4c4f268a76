"""Rows of a ledger, whichever its table: their keys, and one guarded statement that records a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    CTE,
    JSON,
    ColumnClause,
    ColumnElement,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    null,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.ledger.models import State
from newsletter_app.ledger.rules import LEASE_LOST, NextState
from newsletter_app.mail.replies import Reply

MAX_CLAIM: Final = 200
NUMBERS: Final = ("claim", "added", "code")
WORDS: Final = ("next", "why", "enhanced", "words", "via", "due")
STORED: Final = "%Y-%m-%d %H:%M:%S.%f"
OPEN_TO_RECORDS: Final = (State.claimed,)


class Recorded(NamedTuple):
    """A row whose outcome was written: its ids, its new state and why."""

    ids: tuple[int, ...]
    state: str
    reason: str | None


Fate = tuple[tuple[int, ...], State]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One table of sent rows: letter and columns of its keys, and what its room does after recording.

    ``where_open`` narrows a search for claimed rows to where some can be: the table may be too large to be
    read through. ``adopt`` writes down rows that only the journals of a restored database know; it is given
    their fates, when the restored database was noticed, and the time, and returns how many it could write.
    ``is_nobodys`` marks rows whose person is erased: what a server says of them names the address once more.
    """

    table: Table
    letter: str
    id_columns: tuple[str, ...]
    after_record: Callable[[Session, Sequence[Recorded], datetime], None]
    adopt: Callable[[Session, Sequence[Fate], datetime, datetime], int] | None = None
    where_open: Callable[[Session], ColumnElement[bool]] = lambda _session: true()
    is_nobodys: ColumnElement[bool] | None = None

    def key(self, *ids: int) -> str:
        """Return the key of a row as parcels and journals carry it, such as ``d:7:1001``."""
        return ":".join([self.letter, *map(str, ids)])

    def ids(self, key: str) -> tuple[int, ...] | None:
        """Return the ids in ``key``, or None when it is another ledger's or nobody's."""
        letter, *parts = key.split(":")
        if letter != self.letter or len(parts) != len(self.id_columns):
            return None
        return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None

    def columns(self) -> list[ColumnElement[int]]:
        """Return the columns that make the key."""
        return [self.table.c[name] for name in self.id_columns]


class Record(NamedTuple):
    """What one claimed row becomes."""

    ids: tuple[int, ...]
    claim_no: int
    next_state: NextState
    reply: Reply | None
    server: str


def record(
    session: Session,
    ledger: Ledger,
    sender_id: int,
    records: Sequence[Record],
    now: datetime,
    *,
    guard: Sequence[State] = OPEN_TO_RECORDS,
) -> list[Recorded]:
    """Write a batch of outcomes in one statement and return the rows that were still this claim's.

    A row is written only while its state is in ``guard`` and it carries this sender and claim number, so a
    late or repeated record changes nothing; but a verdict also settles what is uncertain for want of its
    holder alone.
    """
    if not records:
        return []
    names = (*ledger.id_columns, *NUMBERS, *WORDS)
    rows = [dict(zip(names, _row(record), strict=True)) for record in records]
    parameters = {"p_batch": json.dumps(rows), "p_sender": sender_id, "p_now": now, "p_guard": list(guard)}
    statement = _recording(ledger, session.get_bind().dialect.name)
    # By the connection: the ORM would look through the statement anew each time.
    rows_written = session.connection().execute(statement, parameters).all()
    found = [Recorded(tuple(row[:-2]), row[-2], row[-1]) for row in rows_written]
    ledger.after_record(session, found, now)
    return found


@cache
def _recording(ledger: Ledger, dialect: str) -> Any:
    """Return the statement that records ``p_batch``; built once, since building is dearer than recording."""
    table, batch = ledger.table, _batch(ledger, dialect)
    return (
        update(table)
        .where(
            *[table.c[name] == batch.c[name] for name in ledger.id_columns],
            or_(
                table.c.state.in_(bindparam("p_guard", type_=String, expanding=True)),
                _is_late(table, batch.c),
            ),
            table.c.claim_sender == bindparam("p_sender", type_=Integer),
            table.c.claim_no == batch.c.claim,
        )
        .values(_new_values(ledger, batch.c))
        .returning(*ledger.columns(), table.c.state, table.c.reason)
    )


def _is_late(table: Table, batch: Any) -> ColumnElement[bool]:
    """Whether a holder that was given up after its lease brings the server's last word on a row."""
    was_lost = and_(table.c.state == State.uncertain, table.c.reason == LEASE_LOST)
    return and_(was_lost, batch.next.in_([State.accepted, State.refused]), batch.code.is_not(None))


def _batch(ledger: Ledger, dialect: str) -> CTE:
    """Return the batch as a table: one JSON text is bound, where a thousand values would be bound apart."""
    columns: list[ColumnClause[Any]] = [column(name, Integer) for name in (*ledger.id_columns, *NUMBERS)]
    columns += [column(name, String) for name in WORDS]
    document = bindparam("p_batch", type_=String)
    fields: dict[str, ColumnElement[Any]]
    if dialect == "sqlite":
        each = func.json_each(document).table_valued("value").c.value
        fields = {one.name: func.json_extract(each, f"$.{one.name}", type_=one.type) for one in columns}
        # It stores times as the text they are written in, and casts none.
        due_at: ColumnElement[Any] = type_coerce(fields["due"], UtcDateTime)
    else:
        read = func.json_to_recordset(cast(document, JSON)).table_valued(*columns, name="record")
        rows = read.render_derived(with_types=True)
        fields = {one.name: rows.c[one.name] for one in columns}
        due_at = cast(fields["due"] + "+00", UtcDateTime)
    labelled = [field.label(name) for name, field in fields.items()]
    return select(*labelled, due_at.label("due_at")).cte("outcomes")


def _row(record: Record) -> tuple[Any, ...]:
    following, reply = record.next_state, record.reply
    due_at = following.due_at
    return (
        *record.ids,
        record.claim_no,
        following.attempts,
        reply.code if reply else None,
        following.state,
        following.reason,
        reply.enhanced if reply else None,
        reply.text[:500] if reply else None,
        record.server[:120],
        due_at.astimezone(UTC).strftime(STORED) if due_at else None,
    )


def _new_values(ledger: Ledger, batch: Any) -> dict[str, Any]:
    table, following = ledger.table, batch.next
    of_nobody = ledger.is_nobodys
    is_final = following.not_in([State.queued, State.deferred])
    is_deferred = following == State.deferred
    untried = and_(following == State.queued, table.c.attempts == 0)
    return {
        "state": following,
        "reason": batch.why,
        "attempts": table.c.attempts + batch.added,
        "deferrals": table.c.deferrals + case((is_deferred, 1), else_=0),
        "due_at": case((is_deferred, batch.due_at), else_=table.c.due_at),
        # What never left has no first attempt: its Date is written when it really goes (M4).
        "first_attempt_at": case((untried, null()), else_=table.c.first_attempt_at),
        "reply_code": batch.code,
        "reply_enhanced": batch.enhanced,
        "reply_text": batch.words if of_nobody is None else case((of_nobody, null()), else_=batch.words),
        "server": batch.via,
        "settled_at": case((is_final, bindparam("p_now", type_=UtcDateTime)), else_=null()),
    }
