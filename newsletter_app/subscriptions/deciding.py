"""Deciding signups, after the form was answered: facts are gathered, the rules decide, one mail is queued.

One mail a day goes to an address whatever was ticked (S2). So a signup that comes later on the same day,
while the mailed one still waits, joins it: its notices are added to the signup whose link was mailed,
and both rows keep their evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app import notices, service_mail, subscribers, suppression
from newsletter_app.kernel.addresses import Address, AddressFault, address_key, parse_address
from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.kernel.rings import ring
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import consent
from newsletter_app.subscriptions.models import Signup
from newsletter_app.subscriptions.queries import of_subscriber
from newsletter_app.subscriptions.rules import CONFIRM_WITHIN, Blocked, Decision, Facts
from newsletter_app.subscriptions.rules import decide as decide_facts
from newsletter_app.subscriptions.signups import undecided_ids
from newsletter_app.subscriptions.starting import put_pending

NextDueAt = Callable[[Session, int], datetime | None]


def decide_all(
    unit_of_work: UnitOfWork,
    *,
    hash_key: bytes,
    clock: Clock,
    next_due_at: NextDueAt,
    limit: int,
) -> int:
    """Decide up to ``limit`` waiting signups, each in its own transaction; return how many were met.

    It rings for another round when there were so many: one ring stands for a whole burst.
    """
    with unit_of_work() as session:
        waiting = list(undecided_ids(session, limit))
    for place, signup_id in enumerate(waiting, start=1):
        with unit_of_work() as session:
            if place == limit:
                ring(session, "decide_signups")
            signup = session.get(Signup, signup_id)
            if signup is not None:
                decide(session, signup, hash_key=hash_key, now=clock(), next_due_at=next_due_at)
    return len(waiting)


def decide(
    session: Session,
    signup: Signup,
    *,
    hash_key: bytes,
    now: datetime,
    next_due_at: NextDueAt,
) -> str:
    """Decide one signup, queue at most one service mail, and return the outcome. Repeatable.

    Of two workers at the same signup only one passes the guard; the other finds it decided.
    """
    guard = update(Signup).where(Signup.id == signup.id, Signup.decided_at.is_(None))
    if session.execute(guard.values(decided_at=now).returning(Signup.id)).first() is None:
        session.refresh(signup)
        return signup.outcome or "gone"
    session.refresh(signup)
    try:
        address = parse_address(signup.address)
    except AddressFault:
        signup.outcome = "gone"
    else:
        _Deciding(session, signup, address, hash_key, now, next_due_at).run()
    session.flush()
    return signup.outcome or "gone"


class _Deciding:
    """One decision in the making: the values that its steps share."""

    def __init__(
        self,
        session: Session,
        signup: Signup,
        address: Address,
        hash_key: bytes,
        now: datetime,
        next_due_at: NextDueAt,
    ) -> None:
        self.session, self.signup, self.address, self.now = session, signup, address, now
        self.hash_key, self.next_due_at = hash_key, next_due_at
        self.key = address_key(hash_key, address)
        self.again = signup.kind == "again"
        # A re-send is decided as what it repeats, with its own place in the day.
        self.about = mailed_for(session, signup) if self.again else signup

    def run(self) -> None:
        subscriber = subscribers.find_by_key(self.session, self.key)
        if subscriber is not None:
            _lock(self.session, subscriber)
        decision = decide_facts(self._facts(subscriber))
        if subscriber is None and decision.pend:
            language = as_language(self.about.language)
            subscriber = subscribers.create(self.session, self.address, language, self.hash_key, self.now)
            _lock(self.session, subscriber)
            # Another worker may have made it since the question above: its facts count.
            decision = decide_facts(self._facts(subscriber))
        self.signup.outcome = decision.outcome
        if subscriber is not None:
            self._note(subscriber, decision)
        self._write(subscriber, decision)

    def _facts(self, subscriber: Subscriber | None) -> Facts:
        offered = {notice.id for notice in notices.offered(self.session)}
        rows = of_subscriber(self.session, subscriber.id) if subscriber else []
        by_state = {
            state: frozenset(row.notice_id for row in rows if row.state == state)
            for state in ("active", "pending", "ended")
        }
        return Facts(
            kind="link" if self.about.kind == "link" else "subscribe",
            asked=frozenset(self.about.notice_ids) & offered,
            known=bool(rows),
            blocked=self._blocked(),
            **by_state,
        )

    def _blocked(self) -> Blocked:
        found = suppression.is_suppressed(self.session, self.key, "bulk")
        if found is None:
            return "no"
        if found.scope == "all":
            return "all"
        return "no" if found.reason in suppression.LIFTED_BY_CONFIRMING else "complained"

    def _note(self, subscriber: Subscriber, decision: Decision) -> None:
        self.signup.subscriber_id = subscriber.id
        if self.again or self.signup.kind == "link" or decision.mail is None:
            return
        put_pending(self.session, subscriber.id, decision.pend, self.now)
        consent.record(
            self.session,
            "asked",
            decision.pend,
            subscriber_id=subscriber.id,
            address_key=self.key,
            source="web",
            evidence=consent.evidence_of(self.signup),
            signup_id=self.signup.id,
            now=self.now,
        )

    def _write(self, subscriber: Subscriber | None, decision: Decision) -> None:
        facts = self._mail_facts(subscriber, decision)
        if decision.mail is None or facts is None:
            return
        mail = service_mail.queue(
            self.session,
            decision.mail,
            address=str(self.address) if subscriber is None else subscriber.address,
            address_key=self.key,
            language=as_language(self._language(subscriber, decision)),
            subscriber_id=subscriber.id if subscriber else None,
            facts=facts,
            once=self._once(decision),
            now=self.now,
        )
        if mail is None and subscriber is not None and self.signup.kind == "subscribe":
            _join_mailed(self.session, self.signup, subscriber, self.now)

    def _language(self, subscriber: Subscriber | None, decision: Decision) -> str:
        # A reader is written to in the language they chose, whoever filled in the form.
        return subscriber.language if subscriber and decision.mail == "already" else self.about.language

    def _once(self, decision: Decision) -> str:
        slot = "link" if decision.mail in ("link", "unknown") else "ask"
        day = service_mail.local_day(self.session, self.now)
        return f"{slot}{'-again' if self.again else ''}:{self.key}:{day}"

    def _mail_facts(self, subscriber: Subscriber | None, decision: Decision) -> dict[str, Any] | None:
        """Return ids and links for the mail, or None where there is no link left to send."""
        if decision.mail == "unknown" or subscriber is None:
            return {}
        if decision.mail == "link":
            return {"link": LinkSpec(Purpose.MANAGE, (self.about.id,), self.about.nonce).to_facts()}
        if decision.mail == "already":
            return self._already_facts(subscriber, decision)
        mailed = self.about if decision.pend else _waiting_signup(self.session, subscriber)
        if mailed is None:
            return None
        asked = decision.pend or frozenset(mailed.notice_ids)
        return {"notice_ids": sorted(asked), "link": _confirm_link(mailed)}

    def _already_facts(self, subscriber: Subscriber, decision: Decision) -> dict[str, Any]:
        rows = of_subscriber(self.session, subscriber.id)
        next_at = self.next_due_at(self.session, subscriber.id)
        choices = LinkSpec(Purpose.CHOICES, (subscriber.id,), subscriber.nonce)
        facts: dict[str, Any] = {
            "notice_ids": [row.notice_id for row in rows if row.state == "active"],
            "next_at": next_at.isoformat() if next_at else None,
            "choices": choices.to_facts(),
            "new_notice_ids": sorted(decision.pend),
        }
        return facts | ({"add": _confirm_link(self.about)} if decision.pend else {})


def mailed_for(session: Session, signup: Signup) -> Signup:
    """Return the signup whose link is mailed: a re-send leads to its form, a joined one to its host."""
    seen = signup
    while seen.again_of is not None:
        seen = session.get_one(Signup, seen.again_of)
    return seen


def _confirm_link(signup: Signup) -> dict[str, Any]:
    return LinkSpec(Purpose.CONFIRM, (signup.id,), signup.nonce).to_facts()


def _lock(session: Session, subscriber: Subscriber) -> None:
    # Signups of one address are decided one after the other, or two could each miss the other's notices.
    session.execute(
        select(Subscriber.id).where(Subscriber.id == subscriber.id).with_for_update(key_share=True)
    )
    session.refresh(subscriber)


def _waiting_signup(session: Session, subscriber: Subscriber, but: int | None = None) -> Signup | None:
    """Return the newest signup of this subscriber whose own link was mailed and not yet used."""
    waiting = select(Signup).where(
        Signup.subscriber_id == subscriber.id,
        Signup.kind == "subscribe",
        Signup.again_of.is_(None),
        Signup.decided_at.is_not(None),
        Signup.confirmed_at.is_(None),
        Signup.id != but,
    )
    newest = waiting.order_by(Signup.id.desc()).limit(1).with_for_update()
    return session.scalar(newest.execution_options(populate_existing=True))


def _join_mailed(session: Session, signup: Signup, subscriber: Subscriber, now: datetime) -> None:
    """Add this signup's notices to the mailed signup that still waits, and let it follow that one."""
    host = _waiting_signup(session, subscriber, but=signup.id)
    if host is None or now - host.created_at > CONFIRM_WITHIN:
        return
    host.notice_ids = sorted({*host.notice_ids, *signup.notice_ids})
    signup.again_of = host.id
