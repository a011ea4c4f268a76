"""What a welcome mail tells of other rooms: when the first one comes, and a tip to read now; it queues nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import campaigns, tips
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.subscriptions import WelcomeFacts
from newsletter_app.web.paths import PAGES


def welcome_facts(
    session: Session, notice_ids: Sequence[int], language: Language, *, public_url: str, now: datetime
) -> WelcomeFacts:
    """Return the facts for a reader of these notices, who is written to in ``language``."""
    first_at = campaigns.next_due_for(session, notice_ids, now)
    latest = tips.latest(session, language)
    if latest is None:
        return WelcomeFacts(first_at=first_at)
    side = tips.shown_side(latest, language)
    # A side that stands in for the one that is not written yet is read in a page of the reader's language.
    page = PAGES["tip"][LANGUAGES.index(language)]
    name = tips.path(latest, side).rpartition("/")[2]
    return WelcomeFacts(first_at, side.title, latest.number, public_url + page.replace("<name>", name))
