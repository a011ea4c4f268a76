"""Whether every tip that a mail gathers may still go out: it was fit at its own launch, days or weeks ago."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import preflight, tips
from newsletter_app.campaigns import Campaign
from newsletter_app.tips import Tip

UNFIT = "gathered-tip-unfit"


def unfit_tip(session: Session, campaign: Campaign, tip_ids: Iterable[int], now: datetime) -> str | None:
    """Return ``gathered-tip-unfit:24`` for the first tip that must not be mailed any more, or None.

    Its review may be overdue since, or its notice may ask for more. A campaign's own tip was looked at when
    it was launched.
    """
    for tip_id in tip_ids:
        tip = tips.find(session, tip_id) if tip_id != campaign.tip_id else None
        if tip is not None and preflight.blocking_codes(session, tip, now):
            return f"{UNFIT}:{_name(tip)}"
    return None


def _name(tip: Tip) -> str:
    """Return what commands call a tip: its number, or the last part of its address."""
    return str(tip.number) if tip.number is not None else tip.sides[0].slug
