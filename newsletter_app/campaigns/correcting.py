"""Correcting a tip: told on its page, and by mail to whoever was mailed it; who that is, planning finds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.campaigns import rules
from newsletter_app.campaigns.models import Campaign, CampaignNotice
from newsletter_app.kernel.rings import ring
from newsletter_app.kernel.upserts import insert
from newsletter_app.tips import Correction, Tip


def correct(
    session: Session,
    tip: Tip,
    note_en: str,
    note_fr: str,
    *,
    by: str,
    now: datetime,
    urgent: bool = False,
    text_unchanged: bool = False,
) -> Correction:
    """Tell what was corrected: on the page, and to whoever was mailed the tip in an earlier revision.

    They get the note with their next mail, or when ``urgent`` at once in a campaign of its own. A note in one
    language alone is for those who were mailed that side. ``text_unchanged`` says that today's text is the
    one that was wrong. Raises Breach ``tip-not-published``, ``note-length``.
    """
    told = tips.correct(session, tip, note_en, note_fr, now, by=by, one_side=True)
    told.urgent = urgent
    tips.tell_by_mail(session, told, tip, text_unchanged=text_unchanged)
    if urgent:
        _schedule(session, told, tip, by, now)
    ring(session, "bulk_tick")
    return told


def _schedule(session: Session, correction: Correction, tip: Tip, by: str, now: datetime) -> None:
    """Make the campaign of an urgent note; it goes to readers of the notices that its tip stands in."""
    row = {
        "occurrence": rules.occurrence_of_correction(correction.id),
        "cadence": rules.ANY_CADENCE,
        "kind": rules.CORRECTION,
        "state": "scheduled",
        "pause_reason": "",
        "due_at": now,
        "created_by": by,
        "created_at": now,
    }
    made = session.scalars(insert(session, Campaign).values(row).returning(Campaign.id)).one()
    notice_ids = tips.notice_ids_of(session, tip)
    theirs = [{"campaign_id": made, "notice_id": notice_id} for notice_id in notice_ids]
    if theirs:
        session.execute(insert(session, CampaignNotice).values(theirs))
