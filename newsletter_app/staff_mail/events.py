"""An event: one thing that staff are told of once, whom it concerns, and its facts in either language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.campaigns import Campaign
from newsletter_app.kernel.languages import Language, other
from newsletter_app.staff_mail.rules import Kind
from newsletter_app.tips import Tip

Facts = Callable[[Language], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Event:
    """``about`` names the thing ("step:12"), ``page`` is where it is looked after; ``at`` is when it came
    about, or now for what still stands: whoever joined the staff later is not told.

    ``only`` are the addresses it is for (None: everybody whom the kind concerns), ``but`` those it is not;
    all in small letters. ``facts`` are asked for only when somebody is to be told.
    """

    kind: Kind
    about: str
    page: str
    at: datetime
    facts: Facts
    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()

    def is_for(self, address: str) -> bool:
        """Tell whether it concerns this person among those of their role."""
        mine = address.casefold()
        return mine not in self.but and (self.only is None or mine in self.only)


def of_tip(tip: Tip, language: Language) -> dict[str, Any]:
    """Return what a tip is called: its number or None, and its title in ``language``, else in the other."""
    side = tip.side(language) or tip.side(other(language))
    return {"number": tip.number, "title": side.title if side else ""}


def of_campaign(session: Session, campaign: Campaign, language: Language) -> dict[str, Any]:
    """Return what a campaign is called: its tip, or the day that its weekly or monthly mail is for."""
    tip = tips.find(session, campaign.tip_id) if campaign.tip_id is not None else None
    called = of_tip(tip, language) if tip is not None else {"number": None, "title": ""}
    return {**called, "cadence": campaign.cadence, "day": _iso(campaign.day)}


def _iso(day: date | None) -> str:
    return f"{day.isoformat()}T12:00:00+00:00" if day is not None else ""
