"""Planning verbs: a campaign's editions and deliveries, slice by slice; what is planned is reserved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
    values,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import Session

from newsletter_app.campaigns import CORRECTION, SERIES, Campaign, as_cadence, notice_ids_of, slot_of
from newsletter_app.delivery import SHARDS, Delivery
from newsletter_app.ledger import State
from newsletter_app.planning.columns import Columns, columns_of
from newsletter_app.planning.correcting import plan_correction
from newsletter_app.planning.editions import Content, Kind, begin_sending, make_edition
from newsletter_app.planning.pivot import Pivoted, Slice, audience, pivot, reading, situations
from newsletter_app.planning.rules import edition_key
from newsletter_app.planning.telling import Telling, telling
from newsletter_app.planning.timing import due_times, is_wish
from newsletter_app.planning.turns import Turns, reserve_turns, turns_of
from newsletter_app.planning.untold import hold, let_go
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Subscription, Untold, end_pauses
from newsletter_app.tips import Publication

SLICE: Final = 2000
# These campaigns are of a weekday, that of their day; a month's is not.
OF_A_DAY: Final = ("weekly", SERIES)
# A person's situation and the edition it leads to, as a row of the table the deliveries are joined with.
Assignment = tuple[Any, ...]


def plan_slice(session: Session, campaign_id: int, limit: int, now: datetime) -> bool:
    """Plan the next ``limit`` readers of a campaign in state planning; return whether more may follow.

    Editions and deliveries are made, cursors moved and owed rows used up in this one transaction. After
    the last slice the campaign's state is ``sending``. Raises nothing for a campaign that is not planning.
    """
    campaign = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign is None or campaign.state != "planning":
        return False
    while end_pauses(session, now):
        continue
    if campaign.kind == CORRECTION:
        return plan_correction(session, campaign, limit, now)
    part = _slice(session, campaign, limit, now)
    if part is None:
        begin_sending(session, campaign, now)
        return False
    part = _hold(session, part)
    columns = turns_of(session, part) if part.cadence == SERIES else columns_of(session, part)
    pivoted = telling(session, part, columns)
    assignments = _assign(session, part, pivoted)
    if assignments:
        times = due_times(session, part, campaign)
        session.execute(_deliveries(campaign, part, pivoted, assignments, times))
    if isinstance(columns, Turns):
        reserve_turns(session, part, columns)
    else:
        _reserve(session, part, columns)
    if pivoted.untold:
        let_go(session, campaign.id, part.after, part.up_to)
    campaign.planned_to = part.up_to
    session.flush()
    return True


def _slice(session: Session, campaign: Campaign, limit: int, now: datetime) -> Slice | None:
    """Return the campaign's next ``limit`` readers, or None when all were planned."""
    notice_ids, cadence = tuple(notice_ids_of(session, campaign.id)), as_cadence(campaign.cadence)
    slot = slot_of(session, cadence)
    weekday = campaign.day.weekday() if campaign.day is not None and cadence in OF_A_DAY else None
    following = select(Subscription.subscriber_id).where(
        *reading(notice_ids, cadence, slot, weekday), Subscription.subscriber_id > campaign.planned_to
    )
    if weekday is not None:
        following = following.join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    ids = following.distinct().order_by(Subscription.subscriber_id).limit(limit).subquery()
    last: int | None = session.scalar(select(func.max(ids.c.subscriber_id)))
    if last is None:
        return None
    return Slice(campaign.id, cadence, notice_ids, campaign.planned_to, last, now, slot, weekday)


def _hold(session: Session, part: Slice) -> Slice:
    """Hold the slice's readers and subscriptions, and return the slice of just these.

    Another campaign's planner, or a person's stop or another rhythm, comes before or after: whoever joined
    between two statements would have their cursor moved without a mail. The readers are held first, as
    whoever confirms or pauses holds them. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "sqlite":
        return part
    theirs = select(Subscription.subscriber_id).where(Subscription.id.in_(audience(part)))
    readers = select(Subscriber.id).where(Subscriber.id.in_(theirs)).order_by(Subscriber.id)
    # A series looks at what other notices bring, so that no other planner may have its readers meanwhile.
    session.execute(
        readers.with_for_update(read=part.cadence != SERIES, key_share=part.cadence == SERIES)
    ).all()
    rows = select(Subscription.id).where(Subscription.id.in_(audience(part))).order_by(Subscription.id)
    locked = session.scalars(rows.with_for_update()).all()
    hold(session, Untold.subscriber_id.in_(theirs))
    # Asked once more: a row that was waited for is locked though it is of another cadence by now.
    return replace(part, held=tuple(set(locked).intersection(session.scalars(audience(part)))))


def _assign(session: Session, part: Slice, columns: Telling) -> list[Assignment]:
    """Return each distinct situation with something unseen, and the edition made for it."""
    assignments = []
    editions: dict[str, int] = {}
    for language, layout, *numbers in session.execute(situations(part, columns)):
        publications = columns.publications(numbers)
        if not publications:
            continue
        kind, notes = Kind(language, layout, columns.pace(numbers)), columns.notes(numbers)
        key = edition_key(publications, *kind, notes)
        if key not in editions:
            content = Content(publications, notes)
            editions[key] = make_edition(session, part.campaign_id, key, kind, content, part.now)
        assignments.append((editions[key], language, layout, *numbers))
    return assignments


def _deliveries(
    campaign: Campaign, part: Slice, columns: Pivoted, assignments: Sequence[Assignment], times: CTE
) -> Any:
    """Insert a delivery for every reader of the pivot whose situation leads to an edition.

    Who has one already got the mail before this database was restored.
    """
    # PostgreSQL would look for the wish first, which it takes to be rare, and then through all readers.
    readers = pivot(part, columns).cte("readers").prefix_with("MATERIALIZED", dialect="postgresql")
    labels = list(columns.labels())
    table = values(
        column("edition_id", Integer),
        column("language", String),
        column("layout", String),
        *[column(label, Integer) for label in labels],
        name="assignment",
    )
    given = table.data(assignments).cte("assignments")
    is_same = and_(
        readers.c.language == cast(given.c.language, String),
        readers.c.layout == cast(given.c.layout, String),
        *[readers.c[label] == cast(given.c[label], Integer) for label in labels],
    )
    chosen = {
        "campaign_id": literal(campaign.id),
        "subscriber_id": readers.c.id,
        "shard": readers.c.id % SHARDS,
        "edition_id": cast(given.c.edition_id, Integer),
        "domain": readers.c.domain,
        "state": literal(str(State.queued)),
        "due_at": times.c.due_at,
        "attempts": literal(0),
        "feedback": literal("none"),
    }
    has_one = exists().where(Delivery.campaign_id == campaign.id, Delivery.subscriber_id == readers.c.id)
    planned = select(*chosen.values()).select_from(readers).join(given, is_same)
    statement = planned.join(times, is_wish(readers, times)).where(~has_one)
    return plain_insert(Delivery).from_select(list(chosen), statement, include_defaults=False)


def _reserve(session: Session, part: Slice, columns: Columns) -> None:
    """Move the slice's cursors to the heads and use up what was owed, whether or not anything was unseen."""
    theirs = audience(part)
    heads = {stream.notice_id: stream.head for stream in columns.streams}
    head = case(heads, value=Subscription.notice_id)
    unsynced = {"synchronize_session": False}
    used_up = delete(Owed).where(Owed.subscription_id.in_(theirs), or_(~Owed.in_series, _comes_now(heads)))
    session.execute(used_up, execution_options=unsynced)
    session.execute(
        update(Subscription)
        .where(Subscription.id.in_(theirs), Subscription.cursor < head)
        .values(cursor=head),
        execution_options=unsynced,
    )


def _comes_now(heads: Mapping[int, int]) -> ColumnElement[bool]:
    """Whether what is ahead in a series is above the cursor: it has come into the stream, and comes by it."""
    return (
        select(Publication.id)
        .join(Subscription, Subscription.notice_id == Publication.notice_id)
        .where(
            Publication.id == Owed.publication_id,
            Subscription.id == Owed.subscription_id,
            Publication.seq > Subscription.cursor,
            Publication.seq <= case(heads, value=Publication.notice_id),
        )
        .correlate(Owed)
        .exists()
    )
