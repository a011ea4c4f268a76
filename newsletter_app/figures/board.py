"""A month as the board reads it: readers, joined, left, sent, delivered, refused, complaints, by notice."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.campaigns import Campaign
from newsletter_app.figures.folding import bounds
from newsletter_app.figures.models import ALL, CampaignFigure, DailyFigure


@dataclass(frozen=True, slots=True)
class Figures:
    """What a month says of one notice or of all; ``readers`` at its end, None where no day was folded."""

    readers: int | None = None
    joined: int = 0
    left: int = 0
    sent: int = 0
    delivered: int = 0
    refused: int = 0
    complaints: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One notice's month beside the month before; ``notice_id`` is ``ALL`` for all of them."""

    notice_id: int
    now: Figures
    before: Figures


@dataclass(frozen=True, slots=True)
class Board:
    """A month, given by its first day; ``lines`` begin with all notices. ``until`` is the last day counted.

    ``until`` is None where nothing of the month was counted yet.
    """

    month: date
    before: date
    until: date | None
    lines: tuple[Line, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every day of the month is counted."""
        return self.until is not None and self.until + timedelta(days=1) == following(self.month)


NAMES = tuple(field.name for field in fields(Figures))


def board(session: Session, month: date) -> Board:
    """Return the month that begins on ``month`` (a first day), for every notice that has figures."""
    before = preceding(month)
    until = _until(session, month)
    now, then = _of_month(session, month, until), _of_month(session, before, _until(session, before))
    ids = [ALL, *sorted({*now, *then} - {ALL})]
    lines = tuple(Line(each, now.get(each, Figures()), then.get(each, Figures())) for each in ids)
    return Board(month, before, until, lines)


def month_of(text: str) -> date | None:
    """Return the first day of the month written "2026-11", or None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2026-11") else None
    except ValueError:
        return None


def preceding(month: date) -> date:
    """Return the first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def following(month: date) -> date:
    """Return the first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def month_before(session: Session, now: datetime) -> date:
    """Return the first day of the newest month that is over where the organisation is."""
    return preceding(organisation.local_day(session, now).replace(day=1))


def _of_month(session: Session, month: date, until: date | None) -> dict[int, Figures]:
    ends = _readers_on(session, until) if until is not None else {}
    moved = _moved(session, month)
    mailed = _mailed(session, month)
    return {
        each: Figures(ends.get(each), *moved.get(each, (0, 0)), *mailed.get(each, (0, 0, 0, 0)))
        for each in {*ends, *moved, *mailed}
    }


def _until(session: Session, month: date) -> date | None:
    days = select(func.max(DailyFigure.day)).where(
        DailyFigure.day >= month, DailyFigure.day < following(month)
    )
    return session.scalar(days)


def _readers_on(session: Session, day: date) -> dict[int, int]:
    rows = select(DailyFigure.notice_id, DailyFigure.readers).where(DailyFigure.day == day)
    return dict(iter(session.execute(rows)))


def _moved(session: Session, month: date) -> dict[int, tuple[int, int]]:
    return moved(session, month, following(month) - timedelta(days=1))


def moved(session: Session, first: date, last: date) -> dict[int, tuple[int, int]]:
    """Return, by notice, how many joined and how many left on the days from ``first`` to ``last``."""
    summed = select(DailyFigure.notice_id, func.sum(DailyFigure.joined), func.sum(DailyFigure.left))
    rows = summed.where(DailyFigure.day >= first, DailyFigure.day <= last).group_by(DailyFigure.notice_id)
    return {notice_id: (int(joined), int(left)) for notice_id, joined, left in session.execute(rows)}


def _mailed(session: Session, month: date) -> dict[int, tuple[int, int, int, int]]:
    """Return what became of the mails of campaigns that began within the month."""
    begins_at, _ = bounds(session, month)
    ends_at, _ = bounds(session, following(month))
    figure = CampaignFigure
    sums = [func.sum(column) for column in (figure.sent, figure.delivered, figure.refused, figure.complaints)]
    summed = (
        select(figure.notice_id, *sums)
        .join(Campaign, Campaign.id == figure.campaign_id)
        .where(Campaign.started_at >= begins_at, Campaign.started_at < ends_at)
        .group_by(figure.notice_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in session.execute(summed)}
