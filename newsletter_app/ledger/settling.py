"""Settling: what a dead sender left claimed, by its journal; nothing uncertain is ever sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger.dice import DICE
from newsletter_app.ledger.locks import WENT_BACK, lock_sending
from newsletter_app.ledger.models import Sender, State
from newsletter_app.ledger.rows import Ledger, Record, record
from newsletter_app.ledger.rules import LEASE, LEASE_LOST, NextState, next_state
from newsletter_app.mail.accounts import SETTLED, Account, Fates, Handed, abandoned, accounts
from newsletter_app.mail.journal import Header, current_boot_id
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, result_of


@dataclass
class Settlement:
    """What settling did: rows by their new state, journals settled, journals refused as from the future.

    ``senders`` are the dead processes whose journals were settled.
    """

    states: dict[str, int] = field(default_factory=dict)
    senders: list[int] = field(default_factory=list)
    journals: int = 0
    refused: int = 0

    def count(self, state: str) -> None:
        """Count one row."""
        self.states[state] = self.states.get(state, 0) + 1


def settle_abandoned(
    unit_of_work: UnitOfWork, folder: Path, ledgers: Sequence[Ledger], now: datetime
) -> Settlement:
    """Settle the rows of every journal in ``folder`` whose process is gone; return what was done.

    A journal that knows a later claim than the database does locks sending and stays as it is: the
    database went back in time (a restored backup, a fail-over), and a person has to reconcile.
    """
    settlement = Settlement()
    for journal in abandoned(folder):
        with unit_of_work() as session:
            is_settled = _settle_journal(session, journal, ledgers, settlement, now)
        if is_settled:
            journal.done(now)
            settlement.journals += 1
            if journal.header.sender_id.isdecimal():
                settlement.senders.append(int(journal.header.sender_id))
        else:
            settlement.refused += 1
    return settlement


def look_back(session: Session, folder: Path, now: datetime) -> bool:
    """Lock sending if this database does not know what settled journals say was recorded; return whether.

    So it is after a copy was put back while nothing ran: no journal was left unsettled to give it away.
    """
    for account in accounts(folder, (SETTLED,)):
        if is_from_the_future(session, account):
            lock_sending(session, WENT_BACK, f"journal {account.path.name}", now)
            return True
    return False


def expire_leases(session: Session, ledgers: Sequence[Ledger], now: datetime) -> int:
    """Make the claimed rows of machines not heard of for 15 minutes uncertain; return how many.

    The sender counts as ended, so that its rows are searched for once; it is alive again when it claims.
    """
    is_silent = (Sender.seen_at < now - LEASE) & Sender.ended_at.is_(None)
    ending = update(Sender).where(is_silent).values(ended_at=now).returning(Sender.id)
    silent = session.scalars(ending, execution_options={"synchronize_session": False}).all()
    return sum(_expire(session, ledger, silent, now) for ledger in ledgers) if silent else 0


def _expire(session: Session, ledger: Ledger, silent: Sequence[int], now: datetime) -> int:
    table = ledger.table
    statement = (
        update(table)
        .where(ledger.where_open(session), table.c.state == State.claimed, table.c.claim_sender.in_(silent))
        .values(state=State.uncertain, reason=LEASE_LOST, settled_at=now)
    )
    return len(session.execute(statement.returning(table.c.claim_no)).all())


def is_from_the_future(session: Session, account: Account) -> bool:
    """Tell whether ``account`` handed over under a claim that this database does not know (any more)."""
    header, claim_no = account.header, account.highest_claim_no()
    if claim_no == 0 or not header.sender_id.isdecimal():
        return False
    sender = session.get(Sender, int(header.sender_id))
    if sender is None:
        return True
    is_same = (sender.host, sender.boot_id, sender.pid) == (header.host, header.boot_id, header.pid)
    return not is_same or sender.claim_no < claim_no


def _settle_journal(
    session: Session, journal: Account, ledgers: Sequence[Ledger], settlement: Settlement, now: datetime
) -> bool:
    header = journal.header
    if not header.sender_id.isdecimal():
        # Its first line never reached the disk, so nothing was claimed under it either.
        return True
    # Locked, so that a claim of it whose COMMIT is still on its way is waited for and seen.
    sender = session.get(Sender, int(header.sender_id), with_for_update=True)
    if is_from_the_future(session, journal):
        lock_sending(session, WENT_BACK, f"journal {journal.path.name}", now)
        return False
    if sender is None:
        return True
    fates = journal.fates(recorded=False)
    for ledger in ledgers:
        _settle_rows(session, ledger, header, fates, settlement, now)
    sender.ended_at = sender.ended_at or now
    return True


def _settle_rows(
    session: Session, ledger: Ledger, header: Header, fates: Fates, settlement: Settlement, now: datetime
) -> None:
    sender_id, table = int(header.sender_id), ledger.table
    # Rows whose lease ran out are decided again: the journal knows more than the silence did.
    lost = (table.c.state == State.uncertain) & (table.c.reason == LEASE_LOST)
    open_rows = select(*ledger.columns(), table.c.claim_no, table.c.attempts).where(
        ledger.where_open(session),
        table.c.claim_sender == sender_id,
        (table.c.state == State.claimed) | lost,
    )
    is_this_boot = header.boot_id == current_boot_id()
    records = []
    for *ids, claim_no, attempts in session.execute(open_rows).all():
        fate = fates.get((ledger.key(*ids), claim_no))
        following = _judge(fate, attempts, now, is_this_boot=is_this_boot)
        reply = fate if isinstance(fate, Reply) else None
        records.append(Record(tuple(ids), claim_no, following, reply, ""))
    guard = (State.claimed, State.uncertain)
    for start in range(0, len(records), 500):
        for written in record(session, ledger, sender_id, records[start : start + 500], now, guard=guard):
            settlement.count(written.state)


def _judge(fate: Handed | Reply | None, attempts: int, now: datetime, *, is_this_boot: bool) -> NextState:
    """Decide a row by its journal: replied → recorded, dot without reply → uncertain, no line → queued again.

    No line proves nothing after a power cut, since lines are not synced one by one.
    """
    if isinstance(fate, Reply):
        outcome = Outcome("", 0, result_of(fate), fate, "", now)
        return next_state(outcome, attempts, None, now, dice=DICE.random)
    if fate is None and is_this_boot:
        return NextState(State.queued, attempts=0)
    return NextState(State.uncertain, "no-reply" if isinstance(fate, Handed) else "power-cut")
