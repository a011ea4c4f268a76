"""Breakers: which servers and domains are in doubt or out, as facts that all processes share.

Nothing is written, and no row stands, while all is well. Only a probe's success or a person closes a breaker.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger.breaker_rules import (
    Circuit,
    Event,
    Kind,
    Streak,
    Turn,
    next_turn,
    probe_pause,
    told,
)
from newsletter_app.ledger.models import Breaker
from newsletter_app.mail.replies import Reply


@dataclass(frozen=True, slots=True)
class Why:
    """Why mail does not go somewhere: the trouble's code if no connection was to be had, the last reply."""

    trouble: str | None = None
    reply: Reply | None = None

    def __str__(self) -> str:
        """Return it as the server said it, addresses blotted out."""
        return told(self.trouble, self.reply)


def why(breaker: Breaker) -> Why:
    """Return why a breaker stands."""
    if breaker.reply_code is None:
        return Why(breaker.trouble)
    return Why(breaker.trouble, Reply(breaker.reply_code, breaker.reply_enhanced, breaker.reply_text or ""))


def doubt(session: Session, server: str, streak: Streak, reason: Why, now: datetime) -> bool:
    """Add a server's refusals in a row to those that others met; return whether that opened its breaker."""
    breaker = _held(session, Kind.server, server, now)
    known = Streak(breaker.refusals, breaker.silent, frozenset(breaker.domains)).with_(streak)
    breaker.refusals, breaker.silent, breaker.domains = known.refusals, known.silent, sorted(known.domains)
    _explain(breaker, reason)
    return known.is_everything and _go(breaker, Event.tripped, now)


def trip(session: Session, kind: Kind, name: str, reason: Why, now: datetime) -> bool:
    """Open a breaker; return whether it was closed before."""
    breaker = _held(session, kind, name, now)
    if not _go(breaker, Event.tripped, now):
        return False
    _explain(breaker, reason)
    return True


def redeem(session: Session, server: str) -> None:
    """End the doubts about a server that accepted something; an open breaker stays."""
    in_doubt = (Breaker.kind == Kind.server, Breaker.name == server, Breaker.state == Circuit.closed)
    session.execute(delete(Breaker).where(*in_doubt))


def begin_probe(session: Session, breaker: Breaker, now: datetime) -> bool:
    """Let one message go, if it is time; for two minutes nobody else does."""
    return _go(breaker, Event.probe_begun, now)


def half_open_breaker(session: Session, breaker_id: int) -> Breaker | None:
    """Return the breaker if a probe of it is under way, None if that was decided meanwhile."""
    breaker = session.get(Breaker, breaker_id, populate_existing=True)
    return breaker if breaker is not None and breaker.state == Circuit.half_open else None


def put_off_probe(session: Session, breaker: Breaker, now: datetime) -> None:
    """Have it tried again in a while: there is nobody to write to just now."""
    breaker.probe_at = now + probe_pause(0)
    session.flush()


def end_probe(session: Session, breaker_id: int, reason: Why | None, now: datetime) -> bool:
    """Close a half-open breaker, or with a ``reason`` leave it open for longer; return whether it closed.

    A probe that comes back when somebody else has decided already changes nothing.
    """
    breaker = session.get(Breaker, breaker_id, with_for_update=True, populate_existing=True)
    event = Event.probe_refused if reason else Event.probe_accepted
    if breaker is None or not _go(breaker, event, now):
        return False
    if reason is None:
        session.delete(breaker)
    else:
        _explain(breaker, reason)
    session.flush()
    return reason is None


def close_breakers(session: Session, kind: Kind) -> int:
    """Close every breaker of a kind on a person's word; return how many stood open."""
    closed = delete(Breaker).where(Breaker.kind == kind).returning(Breaker.state)
    states = session.scalars(closed, execution_options={"synchronize_session": False}).all()
    return sum(state != Circuit.closed for state in states)


def known_breakers(session: Session) -> list[Breaker]:
    """Return every row: what is out, and what is in doubt."""
    return list(
        session.scalars(select(Breaker).order_by(Breaker.id).execution_options(populate_existing=True))
    )


def open_breakers(session: Session) -> list[Breaker]:
    """Return what no mail goes to, but for probes; the oldest first."""
    return [breaker for breaker in known_breakers(session) if breaker.state != Circuit.closed]


def breakers_to_probe(session: Session, now: datetime) -> list[Breaker]:
    """Return the breakers whose next probe is due, held until the transaction ends."""
    due = select(Breaker).where(Breaker.state != Circuit.closed, Breaker.probe_at <= now)
    return list(session.scalars(due.order_by(Breaker.id).with_for_update(skip_locked=True)))


def _held(session: Session, kind: Kind, name: str, now: datetime) -> Breaker:
    """Return the row, made if it was not there, and ours alone until the transaction ends."""
    row = {"kind": kind, "name": name, "state": Circuit.closed, "domains": [], "began_at": now}
    session.execute(insert(session, Breaker).values(row).on_conflict_do_nothing())
    mine = select(Breaker).where(Breaker.kind == kind, Breaker.name == name).with_for_update()
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def _go(breaker: Breaker, event: Event, now: datetime) -> bool:
    """Let an event happen to a breaker; return whether it changed anything."""
    before = Turn(Circuit(breaker.state), breaker.probes, breaker.probe_at)
    turn = next_turn(before, event, now)
    breaker.state, breaker.probes, breaker.probe_at = turn.circuit, turn.probes, turn.probe_at
    if event is Event.tripped and turn != before:
        breaker.opened_at = now
    return turn != before


def _explain(breaker: Breaker, reason: Why) -> None:
    reply = reason.reply
    breaker.trouble = reason.trouble
    breaker.reply_code = reply.code if reply else None
    breaker.reply_enhanced = reply.enhanced if reply else None
    breaker.reply_text = reply.text[:500] if reply else None
