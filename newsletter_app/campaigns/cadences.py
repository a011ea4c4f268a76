"""Weekly, monthly and series campaigns: made ahead for days that somebody chose; they hold no tip yet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.campaigns.models import Campaign, CampaignNotice
from newsletter_app.campaigns.occurrences import (
    DIGESTS,
    SERIES,
    Cadence,
    Slot,
    due_on,
    occurrence,
    series_weekdays,
    upcoming_day,
)
from newsletter_app.campaigns.queries import find_by_occurrence
from newsletter_app.kernel.local_time import ZONE_OF_NOBODY, day_begun
from newsletter_app.kernel.upserts import insert
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import PACES, Series, Subscription

BY: Final = "cadence"
TUESDAY: Final = 1
MORNING: Final = 9


def slot_of(session: Session, cadence: Cadence) -> Slot:
    """Return when the organisation sends this cadence; Tuesday, the 1st, 9 o'clock where it has not said.

    Series go by the slot of the weekly mail.
    """
    owner = organisation.find(session)
    chosen = (
        organisation.slot(owner, "weekly" if cadence == SERIES else cadence) if owner is not None else None
    )
    return Slot(
        weekday=TUESDAY if chosen is None or chosen.weekday is None else chosen.weekday,
        day_of_month=1 if chosen is None or chosen.day_of_month is None else chosen.day_of_month,
        hour=MORNING if chosen is None else chosen.hour,
        zone=owner.time_zone if owner is not None else ZONE_OF_NOBODY,
    )


def schedule_digests(session: Session, now: datetime) -> list[str]:
    """Make the next campaigns that gather tips and that somebody is to get; return what was made or moved.

    Only the next of each: while the machine is down none comes into being, so that what was missed is one
    mail, and held if it is late. One that has not begun follows the organisation's slot and its readers'
    wishes; one that somebody cancelled stays cancelled.
    """
    made = []
    for cadence in (*DIGESTS, SERIES):
        slot = slot_of(session, cadence)
        days = _series_days(session, slot, now) if cadence == SERIES else _days(session, cadence, slot, now)
        wanted = {occurrence(cadence, day): day for day in days}
        _drop_unwanted(session, cadence, wanted, now)
        for name, day in wanted.items():
            made += _schedule(session, cadence, name, day, due_on(day, slot), now)
    session.flush()
    return made


def bind_notices(session: Session, campaign: Campaign) -> None:
    """Let a weekly or monthly campaign go to the readers of every notice there is, once it is launched."""
    ids = session.scalars(select(Notice.id).order_by(Notice.id)).all()
    rows = [{"campaign_id": campaign.id, "notice_id": notice_id} for notice_id in ids]
    if rows:
        session.execute(insert(session, CampaignNotice).values(rows).on_conflict_do_nothing())


def _days(session: Session, cadence: Cadence, slot: Slot, now: datetime) -> list[date]:
    """Return the next day of each weekday that somebody reads in this cadence on."""
    if not _has_readers(session, cadence):
        return []
    return [upcoming_day(now, cadence, slot, each) for each in _weekdays(session, cadence, slot)]


def _series_days(session: Session, slot: Slot, now: datetime) -> list[date]:
    """Return the next day if some series that runs may go on then; later ones are not made ahead of it."""
    day, weekdays = upcoming_day(now, SERIES, slot), _weekdays(session, "weekly", slot)
    paces = [pace for pace in PACES if any(day.weekday() in series_weekdays(pace, each) for each in weekdays)]
    runs = select(Series.subscription_id).where(Series.finished_at.is_(None), Series.pace.in_(paces))
    return [day] if session.scalar(runs.limit(1)) is not None else []


def _has_readers(session: Session, cadence: Cadence) -> bool:
    """Whether anybody reads in this cadence; asked by notice, as the audience's index begins."""
    notice_ids = session.scalars(select(Notice.id)).all()
    theirs = select(Subscription.id).where(
        Subscription.notice_id.in_(notice_ids),
        Subscription.state == "active",
        Subscription.cadence == cadence,
        Subscription.live,
    )
    return session.scalar(theirs.limit(1)) is not None


def _weekdays(session: Session, cadence: Cadence, slot: Slot) -> list[int]:
    """Return the weekdays that the organisation or some reader chose; a month knows none."""
    if cadence != "weekly":
        return [slot.weekday]
    chosen = session.scalars(select(Subscriber.weekday).where(Subscriber.weekday.is_not(None)).distinct())
    return sorted({slot.weekday, *(each for each in chosen if each is not None)})


def _drop_unwanted(session: Session, cadence: Cadence, wanted: Collection[str], now: datetime) -> None:
    """Take back what was made for a day that nobody wants any more; nothing holds on to it yet."""
    unwanted = (
        delete(Campaign)
        .where(Campaign.cadence == cadence, Campaign.state == "scheduled", Campaign.started_at.is_(None))
        .where(Campaign.day > day_begun(now), Campaign.occurrence.not_in(wanted))
    )
    session.execute(unwanted, execution_options={"synchronize_session": False})


def _schedule(
    session: Session, cadence: Cadence, name: str, day: date, due_at: datetime, now: datetime
) -> list[str]:
    found = find_by_occurrence(session, name)
    if found is None:
        row = {
            "occurrence": name,
            "cadence": cadence,
            "kind": "newsletter",
            "state": "scheduled",
            "pause_reason": "",
            "due_at": due_at,
            "day": day,
            "created_by": BY,
            "created_at": now,
        }
        session.execute(insert(session, Campaign).values(row).on_conflict_do_nothing())
        return [name]
    is_open = found.state == "scheduled" and found.day is not None and found.day > day_begun(now)
    if is_open and (found.day, found.due_at) != (day, due_at):
        found.day, found.due_at = day, due_at
        return [name]
    return []
