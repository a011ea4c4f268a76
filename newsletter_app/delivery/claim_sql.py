"""The claim's statements, built once: building one costs more than the database needs to answer it.

Parameters: ``p_campaign``, ``p_shard``, ``p_after`` (the walk's place), ``p_limit``, ``p_ids`` (readers),
``p_sender``, ``p_claim``, ``p_now`` (aware UTC), ``p_cadence`` (the campaign's) and ``p_otherwise``, the
verdict when nothing speaks against sending. Where recipient domains are limited: ``p_limited`` (their
names), and for each that gets a share ``p_domain_0``, ``p_after_0``, ``p_limit_0`` and so on; the rows of
one are walked apart, so that they hold up nobody else's.

PostgreSQL's planner knows nothing of a new campaign's rows and expects one. So that no guess makes a claim
read the whole campaign, or all readers, the statement leaves it no such way: the walk asks for its rows in
the order of shard and reader, which the key of the table has not got; the rows to settle are joined
by both columns of their key as the claim's own rows give them, not by a constant and half a key; a
subscription's notice is compared as a sum, which fits no index but the reader's; a sub-select with a limit
or an offset is neither hashed nor taken apart. ``ledger.find_by_key`` puts off the joins that read all of a
table.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from newsletter_app.campaigns import ANY_CADENCE, SERIES, EditionItem
from newsletter_app.delivery.models import Delivery
from newsletter_app.delivery.rules import CHANGED, ENDED, PAUSED, SENDABLE, SUPPRESSED, TOO_LATE, WAITING
from newsletter_app.kernel.base import UtcDateTime
from newsletter_app.ledger import State
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Series, Subscription
from newsletter_app.suppression import Suppression
from newsletter_app.tips import Publication

CAMPAIGN: Final = bindparam("p_campaign", type_=Integer)
NOW: Final = bindparam("p_now", type_=UtcDateTime)
CADENCE: Final = bindparam("p_cadence", type_=String)
LIMITED: Final = bindparam("p_limited", type_=String, expanding=True)
SHARD: Final = bindparam("p_shard", type_=Integer)
IS_DUE: Final = and_(Delivery.campaign_id == CAMPAIGN, Delivery.due_at <= NOW)
IN_SHARD: Final = Delivery.shard == SHARD
WALK: Final = (Delivery.shard, Delivery.subscriber_id)
ROW: Final = (Delivery.campaign_id, Delivery.subscriber_id, Delivery.edition_id)


@cache
def claim(dialect: str, shares: int | None = None) -> Any:
    """Return the statement that takes due rows of a shard and settles those that may not be sent.

    ``shares`` counts the limited domains that get some; None where no domain is limited. It returns
    subscriber_id, state, reason, domain, deferrals, attempts, edition_id, first_attempt_at and, but on
    SQLite, whose RETURNING sees the updated table alone, what ``readers`` returns.
    """
    judged = _judged(_due() if shares is None else _due_apart(shares))
    returned = _settling(judged)
    return returned if dialect == "sqlite" else returned.returning(*_facts(judged))


@cache
def claim_named(dialect: str) -> Any:
    """Return the statement that takes the waiting rows of ``p_ids``, due or not; it returns as a claim."""
    waiting = select(*ROW).where(*_theirs(), Delivery.state.in_([str(state) for state in WAITING]))
    judged = _judged(waiting.with_for_update(skip_locked=True, of=Delivery).cte("named"))
    returned = _settling(judged)
    return returned if dialect == "sqlite" else returned.returning(*_facts(judged))


@cache
def recheck() -> Any:
    """Return the statement that settles those of the claimed ``p_ids`` that may no longer be sent."""
    again = select(*ROW).where(*held())
    judged = _judged(again.cte("mine"))
    return _settling(judged).where(judged.c.verdict != SENDABLE)


@cache
def readers() -> Any:
    """Return the question for subscriber_id, address, name, nonce, asked, zone and hour of ``p_ids``."""
    rows = select(*ROW).where(*_theirs()).cte("claimed")
    looked = _looked_at(rows)
    facts = _person(looked)
    return select(looked.c.subscriber_id, *facts).join(Subscriber, Subscriber.id == looked.c.subscriber_id)


def held() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of being one of ``p_ids`` and claimed by this very claim."""
    return (
        *_theirs(),
        Delivery.state == State.claimed,
        Delivery.claim_sender == bindparam("p_sender", type_=Integer),
        Delivery.claim_no == bindparam("p_claim", type_=Integer),
    )


def _theirs() -> tuple[ColumnElement[bool], ...]:
    ids = bindparam("p_ids", type_=Integer, expanding=True)
    return Delivery.campaign_id == CAMPAIGN, Delivery.subscriber_id.in_(ids)


def _facts(judged: CTE) -> list[ColumnElement[Any]]:
    return [judged.c[name] for name in ("address", "name", "nonce", "asked_at", "time_zone", "hour")]


def _person(looked: CTE) -> tuple[Any, ...]:
    who = (Subscriber.address, Subscriber.name, Subscriber.nonce)
    return (*who, looked.c.asked_at, Subscriber.time_zone, Subscriber.hour)


@cache
def limited_left() -> Any:
    """Return the question which domains of ``p_limited`` have due rows in a shard, and their first key."""
    is_open = or_(
        Delivery.state == State.queued, and_(Delivery.state == State.deferred, Delivery.deferrals > 0)
    )
    first = select(Delivery.domain, func.min(Delivery.subscriber_id))
    return first.where(IS_DUE, IN_SHARD, is_open, Delivery.domain.in_(LIMITED)).group_by(Delivery.domain)


def _due_apart(shares: int) -> CTE:
    """Rows to take: everybody else's, and of each limited domain its share."""
    parts = [_due("", Delivery.domain.not_in(LIMITED))]
    for place in range(shares):
        domain = bindparam(f"p_domain_{place}", type_=String)
        parts.append(_due(f"_{place}", Delivery.domain == domain))
    return union_all(*[select(*part.c) for part in parts]).cte("taken")


def _behind(after: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of standing in the shard behind a place of the walk.

    In words that the walk's index alone answers: with ``shard =`` the order of readers in the table's own
    key would do as well, and who expects one row takes that one, through the readers of all shards.
    """
    return tuple_(*WALK) > tuple_(SHARD, after), Delivery.shard <= SHARD


def _due(suffix: str = "", *conditions: ColumnElement[bool]) -> CTE:
    """Rows to take: retries whose time has come, and the queued in the order of their key."""
    limit, after = (bindparam(f"{name}{suffix}", type_=Integer) for name in ("p_limit", "p_after"))
    rows = select(*ROW).where(IS_DUE, *conditions)
    # The planner knows the small index by its own words, so that they stand here, not in a parameter.
    is_late = Delivery.deferrals > literal(0, literal_execute=True)
    late = rows.where(IN_SHARD, Delivery.state == State.deferred, is_late)
    fresh = rows.where(Delivery.state == State.queued, *_behind(after))
    parts: list[Select[Any]] = []
    for name, part, order in (("late", late, (Delivery.due_at,)), ("fresh", fresh, WALK)):
        locked = part.order_by(*order).limit(limit).with_for_update(skip_locked=True, of=Delivery)
        found = locked.cte(f"{name}{suffix}")
        parts.append(select(*found.c))
    return union_all(*parts).limit(limit).cte(f"due{suffix}")


def _judged(rows: CTE) -> CTE:
    """Add to each row what a look at its reader says."""
    looked = _looked_at(rows)
    suppressed = select(Suppression.id).where(Suppression.address_key == Subscriber.address_key).limit(1)
    verdict = case(
        (or_(Subscriber.id.is_(None), looked.c.active == 0), ENDED),
        (suppressed.scalar_subquery().is_not(None), SUPPRESSED),
        (Subscriber.paused_until > NOW, PAUSED),
        (looked.c.kept < looked.c.wanted, CHANGED),
        else_=bindparam("p_otherwise", SENDABLE, type_=String),
    )
    facts = _person(looked)
    return (
        select(looked.c.campaign_id, looked.c.subscriber_id, verdict.label("verdict"), *facts)
        .select_from(looked)
        .outerjoin(Subscriber, Subscriber.id == looked.c.subscriber_id)
        .offset(0)
        .cte("judged")
    )


def _looked_at(rows: CTE) -> CTE:
    """Count for each row the notices of its edition, those its reader is active in, and since when.

    ``kept`` counts those that they still read in the campaign's cadence: another one gathers them anew. Who
    reads a series alone reads in no other; a series' own mail goes unless it was stopped.
    """
    since = func.coalesce(Subscription.confirmed_at, Subscription.created_at)
    active = and_(
        Subscription.subscriber_id == rows.c.subscriber_id,
        Subscription.notice_id + 0 == Publication.notice_id,
        Subscription.state == "active",
    )
    in_series = (
        select(Series.subscription_id)
        .where(Series.subscription_id == Subscription.id)
        .limit(1)
        .scalar_subquery()
    )
    live = case((and_(Subscription.cadence == CADENCE, Subscription.live), Subscription.id))
    kept = case((CADENCE == ANY_CADENCE, Subscription.id), (CADENCE == SERIES, in_series), else_=live)
    return (
        select(
            rows.c.campaign_id,
            rows.c.subscriber_id,
            func.count(Publication.id).label("wanted"),
            func.count(Subscription.id).label("active"),
            func.count(kept).label("kept"),
            func.min(since, type_=UtcDateTime).label("asked_at"),
        )
        .select_from(rows)
        .outerjoin(EditionItem, EditionItem.edition_id == rows.c.edition_id)
        .outerjoin(Publication, Publication.id == EditionItem.publication_id)
        .outerjoin(Subscription, active)
        .group_by(rows.c.campaign_id, rows.c.subscriber_id)
        .cte("looked_at")
    )


def _settling(judged: CTE) -> Any:
    """Write every verdict: claimed, expired, or skipped with its reason."""
    verdict = judged.c.verdict
    may_go = verdict == SENDABLE
    return (
        update(Delivery)
        .where(Delivery.campaign_id == judged.c.campaign_id, Delivery.subscriber_id == judged.c.subscriber_id)
        .values(
            state=case(
                (may_go, literal(str(State.claimed))),
                (verdict == TOO_LATE, literal(str(State.expired))),
                else_=literal(str(State.skipped)),
            ),
            reason=case((may_go, null()), else_=verdict),
            claim_sender=bindparam("p_sender", type_=Integer),
            claim_no=bindparam("p_claim", type_=Integer),
            claimed_at=NOW,
            first_attempt_at=case(
                (may_go, func.coalesce(Delivery.first_attempt_at, NOW)), else_=Delivery.first_attempt_at
            ),
            settled_at=case((may_go, null()), else_=NOW),
        )
        .returning(
            Delivery.subscriber_id,
            Delivery.state,
            Delivery.reason,
            Delivery.domain,
            Delivery.deferrals,
            Delivery.attempts,
            Delivery.edition_id,
            Delivery.first_attempt_at,
        )
    )
