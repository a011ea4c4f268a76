"""Figures as facts: how many readers a day had at its end, and what became of a campaign's mails."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base

# Stands for all notices together: there each person, and each mail, counts once.
ALL: Final = 0


class DailyFigure(Base):
    """One local day of one notice, or of ``ALL``: readers at its end, and who joined and left within it.

    Whoever joined and left on the same day is in neither count, so that the days add up.
    """

    __tablename__ = "daily_figures"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    notice_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    readers: Mapped[int]
    joined: Mapped[int]
    left: Mapped[int]


class CampaignFigure(Base):
    """What became of a campaign's mails that hold tips of one notice, or of all of them (``ALL``).

    ``sent`` were handed over; of these ``refused`` were refused at once or came back, ``delivered`` were
    accepted and did not come back; the rest is uncertain.
    """

    __tablename__ = "campaign_figures"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent: Mapped[int]
    delivered: Mapped[int]
    refused: Mapped[int]
    complaints: Mapped[int]
