"""Rows of a ledger, whichever its table: their keys, and one guarded statement that records a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Table,
    and_,
    case,
    cast,
    column,
    literal,
    null,
    update,
    values,
)
from sqlalchemy.orm import Session

from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.ledger.models import State
from newsletter_app.ledger.rules import NextState
from newsletter_app.mail.replies import Reply

MAX_CLAIM: Final = 200
OPEN_TO_RECORDS: Final = (State.claimed,)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row whose outcome was written: its ids, its new state and why."""

    ids: tuple[int, ...]
    state: str
    reason: str | None


Fate = tuple[tuple[int, ...], State]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One table of sent rows: letter and columns of its keys, and what its room does after recording.

    ``adopt`` writes down rows that only the journals of a restored database know; it is given their fates,
    when the restored database was noticed, and the time, and returns how many it could write.
    """

    table: Table
    letter: str
    id_columns: tuple[str, ...]
    after_record: Callable[[Session, Sequence[Recorded], datetime], None]
    adopt: Callable[[Session, Sequence[Fate], datetime, datetime], int] | None = None

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


@dataclass(frozen=True, slots=True)
class Record:
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
    late or repeated record changes nothing.
    """
    if not records:
        return []
    table, batch = ledger.table, _batch(ledger, records, now)
    statement = (
        update(table)
        .where(
            *[table.c[name] == cast(batch.c[name], Integer) for name in ledger.id_columns],
            table.c.state.in_(guard),
            table.c.claim_sender == sender_id,
            table.c.claim_no == cast(batch.c.claim, Integer),
        )
        .values(_new_values(table, batch.c, now))
        .returning(*ledger.columns(), table.c.state, table.c.reason)
    )
    found = [Recorded(tuple(ids), state, reason) for *ids, state, reason in session.execute(statement)]
    ledger.after_record(session, found, now)
    return found


def _batch(ledger: Ledger, records: Sequence[Record], now: datetime) -> Any:
    names = [*ledger.id_columns, "claim", "added", "code"]
    words = ["next", "why", "enhanced", "words", "via"]
    columns = [column(name, Integer) for name in names] + [column(name, String) for name in words]
    rows = values(*columns, column("due", UtcDateTime), name="batch")
    # A CTE, since SQLite cannot name the columns of VALUES in FROM.
    return rows.data([_row(record, now) for record in records]).cte("outcomes")


def _row(record: Record, now: datetime) -> tuple[Any, ...]:
    following, reply = record.next_state, record.reply
    return (
        *record.ids,
        record.claim_no,
        following.attempts,
        reply.code if reply else None,
        str(following.state),
        following.reason,
        reply.enhanced if reply else None,
        reply.text[:500] if reply else None,
        record.server[:120],
        # Never empty: a column of nothing but NULL has no type on PostgreSQL, and SQLite casts no dates.
        following.due_at or now,
    )


def _new_values(table: Table, batch: Any, now: datetime) -> dict[str, Any]:
    following = cast(batch.next, String)
    is_final = following.not_in([State.queued, State.deferred])
    untried = and_(following == State.queued, table.c.attempts == 0)
    return {
        "state": following,
        "reason": cast(batch.why, String),
        "attempts": table.c.attempts + cast(batch.added, Integer),
        "due_at": case((following == State.deferred, batch.due), else_=table.c.due_at),
        # What never left has no first attempt: its Date is written when it really goes (M4).
        "first_attempt_at": case((untried, null()), else_=table.c.first_attempt_at),
        "reply_code": cast(batch.code, Integer),
        "reply_enhanced": cast(batch.enhanced, String),
        "reply_text": cast(batch.words, String),
        "server": cast(batch.via, String),
        "settled_at": case((is_final, literal(now, UtcDateTime)), else_=null()),
    }
