"""Reconciling after a restored backup: journals are replayed into rows that do not know they were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger.locks import locks
from newsletter_app.ledger.models import State
from newsletter_app.ledger.rows import Fate, Ledger
from newsletter_app.ledger.settling import is_from_the_future
from newsletter_app.mail.accounts import SETTLED, Handed, abandoned, accounts
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Result, result_of

BATCH = 200
REPLAYED = (State.queued, State.claimed, State.deferred)
# When journals disagree about a row (a retry), the outcome that forbids another copy wins.
WEIGHT = {State.accepted: 3, State.uncertain: 2, State.refused: 1}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Counts: messages the journals know of, rows that learned from it, messages of rows that are missing."""

    known: int
    corrected: int
    missing: int


def reconcile(
    unit_of_work: UnitOfWork, folder: Path, ledgers: Sequence[Ledger], now: datetime
) -> Reconciliation:
    """Replay every kept journal into rows still queued, claimed or deferred; nothing is unlocked here.

    Rows that were not planned yet when the restored copy was made are written down as done; ``missing``
    counts messages of rows that the restored database cannot hold at all.
    """
    fates = _worst_fates(folder)
    corrected = missing = 0
    for ledger in ledgers:
        known = [(ids, fates[key]) for key in sorted(fates) if (ids := ledger.ids(key)) is not None]
        for start in range(0, len(known), BATCH):
            with unit_of_work() as session:
                learned, absent = _replay(session, ledger, known[start : start + BATCH], now)
            corrected, missing = corrected + learned, missing + absent
    for journal in abandoned(folder):
        journal.done(now)
    with unit_of_work() as session:
        for account in accounts(folder, (SETTLED,)):
            if is_from_the_future(session, account):
                account.put_by()
    return Reconciliation(len(fates), corrected, missing)


def _replay(session: Session, ledger: Ledger, batch: Sequence[Fate], now: datetime) -> tuple[int, int]:
    """Teach a batch of rows what the journals know; return how many learned, and how many are missing."""
    present = _present(session, ledger, [ids for ids, _ in batch])
    corrected = sum(_correct(session, ledger, ids, state, now) for ids, state in batch if ids in present)
    absent = [(ids, state) for ids, state in batch if ids not in present]
    standing = locks(session)
    adopted = 0
    if ledger.adopt is not None and absent and standing:
        adopted = ledger.adopt(session, absent, standing[0].created_at, now)
    return corrected + adopted, len(absent) - adopted


def _worst_fates(folder: Path) -> dict[str, State]:
    worst: dict[str, State] = {}
    for key, state in _fates(folder):
        if WEIGHT[state] > WEIGHT.get(worst.get(key, State.queued), 0):
            worst[key] = state
    return worst


def _fates(folder: Path) -> Iterator[tuple[str, State]]:
    for account in accounts(folder):
        for (key, _claim_no), fate in account.fates().items():
            state = _state(fate)
            if state is not None:
                yield key, state


def _state(fate: Handed | Reply) -> State | None:
    if isinstance(fate, Handed):
        return State.uncertain
    result = result_of(fate)
    return None if result is Result.deferred else State(result)


def _present(session: Session, ledger: Ledger, rows: Sequence[tuple[int, ...]]) -> set[tuple[int, ...]]:
    found = session.execute(select(*ledger.columns()).where(or_(*[_is(ledger, ids) for ids in rows])))
    return {tuple(ids) for ids in found}


def _correct(session: Session, ledger: Ledger, ids: tuple[int, ...], state: State, now: datetime) -> int:
    table = ledger.table
    statement = (
        update(table)
        .where(_is(ledger, ids), table.c.state.in_(REPLAYED))
        .values(state=state, reason="journal", settled_at=now)
        .returning(table.c.state)
    )
    return len(session.execute(statement).all())


def _is(ledger: Ledger, ids: tuple[int, ...]) -> ColumnElement[bool]:
    return and_(*[column == number for column, number in zip(ledger.columns(), ids, strict=True)])
