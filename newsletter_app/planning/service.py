"""Planning verbs: a campaign's editions and deliveries, slice by slice; what is planned is reserved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, exists, func, select, union
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import Session

from newsletter_app.campaigns import (
    CORRECTION,
    SERIES,
    Campaign,
    as_cadence,
    notice_ids_of,
    slot_of,
)
from newsletter_app.delivery import Delivery
from newsletter_app.planning.columns import Columns, columns_of
from newsletter_app.planning.correcting import plan_correction
from newsletter_app.planning.editions import Content, Kind, begin_sending, make_edition
from newsletter_app.planning.holding import (
    ASSIGNED,
    SITUATIONS,
    TIMES,
    hold,
    hold_flags,
    hold_situations,
    numbers_of,
)
from newsletter_app.planning.pivot import Slice, is_dense, reading, subscribed
from newsletter_app.planning.queueing import queue
from newsletter_app.planning.reserving import put_off, reserve
from newsletter_app.planning.rules import edition_key
from newsletter_app.planning.telling import Telling, telling
from newsletter_app.planning.timing import hold_times, is_wish
from newsletter_app.planning.turns import Turns, reserve_turns, turns_of
from newsletter_app.planning.untold import let_go
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription, end_pauses

# Whoever changes their subscriptions meanwhile waits until their slice is planned.
SLICE: Final = 15_000
# These campaigns are of a weekday, that of their day; a month's is not.
OF_A_DAY: Final = ("weekly", SERIES)
# What leads a reader to an edition, in the tables of a slice.
KIND: Final = ("numbers", "flags", "language", "layout")
# Of every reader: no id is greater.
LAST: Final = 2**31 - 1


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
    part = hold(session, part)
    columns = _columns(session, part)
    pivoted = telling(session, columns)
    hold_flags(session, pivoted)
    if _assign(session, part, pivoted):
        hold_times(session, part, campaign)
        _queue(session, part)
    if isinstance(columns, Columns):
        reserve(session, part)
    else:
        reserve_turns(session, part, columns)
    if pivoted.untold:
        let_go(session, campaign.id, part.after, part.up_to)
    campaign.planned_to = part.up_to
    session.flush()
    return True


def _columns(session: Session, part: Slice) -> Turns | Columns:
    """Return the columns of a slice that is held, whose situations are kept but for the flags."""
    if part.cadence == SERIES:
        turns = turns_of(session, part)
        hold_situations(session, part, turns)
        return turns
    columns = columns_of(session, part)
    put_off(session, part, columns)
    return columns


def _slice(session: Session, campaign: Campaign, limit: int, now: datetime) -> Slice | None:
    """Return the campaign's next ``limit`` readers, or None when all were planned."""
    notice_ids, cadence = tuple(notice_ids_of(session, campaign.id)), as_cadence(campaign.cadence)
    slot = slot_of(session, cadence)
    weekday = campaign.day.weekday() if campaign.day is not None and cadence in OF_A_DAY else None
    rest = Slice(campaign.id, cadence, notice_ids, campaign.planned_to, LAST, now, slot, weekday)
    last: int | None = session.scalar(_last_of(rest, limit))
    return None if last is None else replace(rest, up_to=last)


def _last_of(rest: Slice, limit: int) -> Select[Any]:
    """Select the last of the next ``limit`` readers of ``rest``. Each notice's are read in the index's order.

    Asked for of all notices at once, whoever is left would be sorted anew for every slice.
    """
    firsts = (_in_order(replace(rest, notice_ids=(id_,))).limit(limit).subquery() for id_ in rest.notice_ids)
    # UNION leaves each reader once.
    theirs = union(*[select(first.c.subscriber_id) for first in firsts]).subquery()
    following = select(theirs.c.subscriber_id).order_by(theirs.c.subscriber_id).limit(limit).subquery()
    return select(func.max(following.c.subscriber_id))


def _in_order(rest: Slice) -> Select[Any]:
    """Select who may read one notice on the slice's weekday, and no fewer than those who do.

    Readers are looked at only where few chose that weekday. Nearly all others left it open: among them the
    index alone is quicker, although a slice then has fewer readers than it might have.
    """
    theirs = select(Subscription.subscriber_id).where(Subscription.subscriber_id > rest.after)
    theirs = theirs.order_by(Subscription.subscriber_id)
    if is_dense(rest):
        return theirs.where(*subscribed(rest.notice_ids, rest.cadence))
    theirs = theirs.join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    return theirs.where(Subscriber.id > rest.after, *reading(rest, Subscriber.weekday))


def _assign(session: Session, part: Slice, columns: Telling) -> bool:
    """Make an edition for each distinct situation with something unseen; return whether there was one."""
    assigned = []
    editions: dict[str, int] = {}
    kinds = select(*[SITUATIONS.c[name] for name in KIND]).distinct()
    none_set = (0,) * len(list(columns.flags()))
    for numbers, flags, language, layout in session.execute(kinds).all():
        found = (*numbers_of(numbers), *(numbers_of(flags) or none_set))
        publications = columns.publications(found)
        if not publications:
            continue
        kind, notes = Kind(language, layout, columns.pace(found)), columns.notes(found)
        key = edition_key(publications, *kind, notes)
        if key not in editions:
            content = Content(publications, notes)
            editions[key] = make_edition(session, part.campaign_id, key, kind, content, part.now)
        assigned.append(
            dict(zip(KIND, (numbers, flags, language, layout), strict=True)) | {"edition_id": editions[key]}
        )
    if assigned:
        session.execute(plain_insert(ASSIGNED), assigned)
    return bool(assigned)


def _queue(session: Session, part: Slice) -> None:
    """Queue a delivery for every reader whose situation leads to an edition."""
    readers = SITUATIONS
    is_same = and_(*[ASSIGNED.c[name] == readers.c[name] for name in KIND])
    mails = (
        select(readers.c.subscriber_id, readers.c.domain, ASSIGNED.c.edition_id, TIMES.c.due_at)
        .join(ASSIGNED, is_same)
        .join(TIMES, is_wish(readers))
    )
    mailed = exists().where(
        Delivery.campaign_id == part.campaign_id,
        Delivery.subscriber_id > part.after,
        Delivery.subscriber_id <= part.up_to,
    )
    queue(session, part.campaign_id, mails, asks=bool(session.scalar(select(mailed))))
