"""Folding: each night the day before, and the campaigns of the last two weeks, become a few rows to read.

Every figure can be made again from the records it came from; one that stands is replaced, never added to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.campaigns import Campaign, Edition, EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.figures.changes import Change, changes
from newsletter_app.figures.models import ALL, CampaignFigure, DailyFigure
from newsletter_app.kernel.local_time import moment_on
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import State
from newsletter_app.subscriptions import ConsentRecord, Subscription
from newsletter_app.tips import Publication

A_DAY: Final = timedelta(days=1)
# What a transaction wrote that began before midnight has arrived by then.
REST: Final = timedelta(hours=1)
# A new database, or one that had no figures yet: enough for a month beside the one before.
BACK: Final = timedelta(days=62)
# Reports of mails that came back and complaints still come in.
AFTERWARDS: Final = timedelta(days=14)
HANDED_OVER: Final = (State.accepted, State.refused, State.uncertain)


def fold(unit_of_work: UnitOfWork, now: datetime) -> list[date]:
    """Fold every day that is over and not folded yet, a transaction each; return the days.

    A night that brought a day brings the campaigns, too.
    """
    folded = []
    while True:
        with unit_of_work() as session:
            day = day_to_fold(session, now)
            if day is None:
                break
            fold_day(session, day)
        folded.append(day)
    if folded:
        _fold_campaigns(unit_of_work, now)
    return folded


def day_to_fold(session: Session, now: datetime) -> date | None:
    """Return the first local day that is over and has no figures, or None."""
    over = organisation.local_day(session, now - REST) - A_DAY
    newest = session.scalar(select(func.max(DailyFigure.day)))
    day = newest + A_DAY if newest is not None else max(over - BACK, _first_day(session, over))
    return day if day <= over else None


def fold_day(session: Session, day: date) -> None:
    """Write down who joined and left on a local day, and how many readers there were at its end."""
    begins_at, ends_at = bounds(session, day)
    changed, since = changes(session, begins_at, ends_at), changes(session, ends_at)
    for notice_id, readers in active(session).items():
        later = since.get(notice_id, Change())
        change = changed.get(notice_id, Change())
        facts = {
            "readers": readers - later.joined + later.left,
            "joined": change.joined,
            "left": change.left,
        }
        _keep(session, DailyFigure, {"day": day, "notice_id": notice_id}, facts)


def fold_campaign(session: Session, campaign_id: int) -> None:
    """Write down what became of a campaign's mails so far; once its rows were retired, what stands stays."""
    notices_of = _notices_of_editions(session, campaign_id)
    figures: dict[int, dict[str, int]] = {}
    alike = (Delivery.edition_id, Delivery.state, Delivery.feedback)
    mine = select(*alike, func.count()).where(
        Delivery.campaign_id == campaign_id, Delivery.state.in_(HANDED_OVER)
    )
    for edition_id, state, feedback, mails in session.execute(mine.group_by(*alike)):
        for notice_id in (ALL, *sorted(notices_of.get(edition_id, ()))):
            figure = figures.setdefault(notice_id, dict.fromkeys(_FIGURES, 0))
            for name in _counted_as(state, feedback):
                figure[name] += mails
    for notice_id, facts in figures.items():
        _keep(session, CampaignFigure, {"campaign_id": campaign_id, "notice_id": notice_id}, facts)


def active(session: Session) -> dict[int, int]:
    """Return how many readers each notice has now, and how many people all of them together (``ALL``)."""
    reading = Subscription.state == "active"
    counted = select(Subscription.notice_id, func.count()).where(reading).group_by(Subscription.notice_id)
    found = dict(iter(session.execute(counted)))
    people = select(func.count(Subscription.subscriber_id.distinct())).where(reading)
    known = session.scalars(select(Subscription.notice_id).distinct())
    return {ALL: session.scalar(people) or 0} | {notice_id: found.get(notice_id, 0) for notice_id in known}


def bounds(session: Session, day: date) -> tuple[datetime, datetime]:
    """Return when a local day of the organisation begins and ends."""
    zone = organisation.zone_of(session)
    return moment_on(day, 0, zone), moment_on(day + A_DAY, 0, zone)


_FIGURES: Final = ("sent", "delivered", "refused", "complaints")


def _counted_as(state: str, feedback: str) -> list[str]:
    """Return the figures that a mail of this state counts under."""
    names = ["sent"]
    if state == State.refused or feedback == "bounced":
        names.append("refused")
    elif state == State.accepted:
        names.append("delivered")
    return [*names, "complaints"] if feedback == "complained" else names


def _first_day(session: Session, over: date) -> date:
    first = session.scalar(select(func.min(ConsentRecord.at)))
    return over if first is None else min(over, organisation.local_day(session, first))


def _fold_campaigns(unit_of_work: UnitOfWork, now: datetime) -> None:
    with unit_of_work() as session:
        lately = select(Campaign.id).where(Campaign.started_at >= now - AFTERWARDS)
        wanting = select(Campaign.id).where(
            Campaign.started_at.is_not(None), Campaign.id.not_in(select(CampaignFigure.campaign_id))
        )
        ids = sorted({*session.scalars(lately), *session.scalars(wanting)})
    for campaign_id in ids:
        with unit_of_work() as session:
            fold_campaign(session, campaign_id)


def _notices_of_editions(session: Session, campaign_id: int) -> dict[int, set[int]]:
    held = (
        select(Edition.id, Publication.notice_id)
        .join(EditionItem, EditionItem.edition_id == Edition.id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(Edition.campaign_id == campaign_id)
    )
    found: dict[int, set[int]] = {}
    for edition_id, notice_id in session.execute(held):
        found.setdefault(edition_id, set()).add(notice_id)
    return found


def _keep(session: Session, table: Any, key: Mapping[str, Any], facts: Mapping[str, int]) -> None:
    row = insert(session, table).values(**key, **facts)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(facts)))
