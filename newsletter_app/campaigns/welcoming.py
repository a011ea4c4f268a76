"""What a welcome mail tells of other rooms: when each notice comes next, and a tip to read now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.campaigns.queries import next_due_for
from newsletter_app.kernel.languages import Language
from newsletter_app.subscriptions import WelcomeFacts


def welcome_facts(
    session: Session, notice_ids: Sequence[int], language: Language, *, public_url: str, now: datetime
) -> WelcomeFacts:
    """Return the facts for a reader of these notices, who is written to in ``language``."""
    due = {each: next_due_for(session, [each], now) for each in notice_ids}
    due_at = {each: at for each, at in due.items() if at is not None}
    latest = tips.latest(session, language)
    if latest is None:
        return WelcomeFacts(due_at)
    side = tips.shown_side(latest, language)
    return WelcomeFacts(due_at, side.title, latest.number, public_url + tips.path(latest, side, language))
