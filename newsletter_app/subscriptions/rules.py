"""Decisions about signups and subscriptions: values in, value out; no session, no words for people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

CONFIRM_WITHIN: Final = timedelta(days=7)
AGAIN_AFTER: Final = timedelta(minutes=10)
UNDO_WITHIN: Final = timedelta(days=1)
RESTART_WITHIN: Final = timedelta(days=30)

BY_STOP_LINK: Final = frozenset({"one-click", "page"})
# What somebody who stopped may answer to "Why?", afterwards and only if they like (L9).
WHYS: Final = ("too-many", "not-for-me", "other")

Blocked = Literal["no", "complained", "all"]
ConfirmState = Literal["ready", "done", "too-old", "stopped"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a signup's address when it is decided; sets hold notice ids."""

    kind: Literal["subscribe", "link"]
    asked: frozenset[int]
    known: bool = False
    active: frozenset[int] = frozenset()
    pending: frozenset[int] = frozenset()
    ended: frozenset[int] = frozenset()
    blocked: Blocked = "no"


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows: the outcome noted on the signup, the mail (if any), and the notices put to pending."""

    outcome: str
    mail: Literal["confirm", "already", "link", "unknown"] | None
    pend: frozenset[int] = frozenset()


def decide(facts: Facts) -> Decision:
    """Decide one signup.

    Nothing that is active is ever touched. An address that complained, or that nothing may be sent
    to, hears nothing at all; one whose mail came back does, since confirming is what lifts that (M42).
    """
    if facts.blocked != "no":
        return Decision("suppressed" if facts.blocked == "all" else "complained", None)
    if facts.kind == "link":
        return _decide_link(facts)
    if not facts.asked:
        return Decision("gone", None)
    if facts.active:
        return Decision("active", "already", facts.asked - facts.active)
    if not facts.known:
        return Decision("new", "confirm", facts.asked)
    return Decision("pending" if facts.pending or not facts.ended else "ended", "confirm", facts.asked)


def _decide_link(facts: Facts) -> Decision:
    # Who has not confirmed yet is mailed nothing but the confirm mail, whatever is asked.
    if facts.active or facts.ended:
        return Decision("link", "link")
    return Decision("pending", "confirm") if facts.pending else Decision("unknown", "unknown")


class SubscriptionFacts(Protocol):
    """What the rules ask of a subscription."""

    @property
    def state(self) -> str:
        """pending, active or ended."""
        ...

    @property
    def ended_at(self) -> datetime | None:
        """When it was last ended, if it was."""
        ...

    @property
    def end_reason(self) -> str | None:
        """How it was last ended: one-click, page, choices, staff, mail or complaint."""
        ...


def confirm_state(
    subscriptions: Collection[SubscriptionFacts],
    *,
    created_at: datetime,
    confirmed_at: datetime | None,
    now: datetime,
) -> ConfirmState:
    """Return what pressing the confirm button can do; ``subscriptions`` are those the signup asked for."""
    if subscriptions and all(was_stopped_since(each, created_at) for each in subscriptions):
        return "stopped"
    if confirmed_at is not None or (subscriptions and all(each.state == "active" for each in subscriptions)):
        return "done"
    if not subscriptions or now - created_at > CONFIRM_WITHIN:
        return "too-old"
    return "ready"


def was_stopped_since(subscription: SubscriptionFacts, since: datetime) -> bool:
    """Tell whether this subscription is ended, and was not yet at ``since``."""
    ended_at = subscription.ended_at
    return subscription.state == "ended" and ended_at is not None and ended_at >= since


def can_undo(subscription: SubscriptionFacts, now: datetime) -> bool:
    """Tell whether the stop page may still offer Undo: for one day, and only of what a stop link did.

    Whoever holds a forwarded mail must not take back what its reader stopped elsewhere (M30).
    """
    return subscription.end_reason in BY_STOP_LINK and _stopped_within(subscription, UNDO_WITHIN, now)


def can_restart(subscription: SubscriptionFacts, now: datetime) -> bool:
    """Tell whether the goodbye mail's link may still start it again: for 30 days."""
    return _stopped_within(subscription, RESTART_WITHIN, now)


def _stopped_within(subscription: SubscriptionFacts, window: timedelta, now: datetime) -> bool:
    ended_at = subscription.ended_at
    return subscription.state != "active" and ended_at is not None and now - ended_at <= window


def may_start(subscription: SubscriptionFacts, source: str, now: datetime) -> bool:
    """Tell whether ``source`` may start this subscription again now; only links of a mail have windows."""
    if source == "undo":
        return can_undo(subscription, now)
    if source == "restart":
        return can_restart(subscription, now)
    return subscription.state != "active"
