"""Corrections: what was changed about a published tip and when, as its page tells it; mails are not its."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.tips.models import Tip
from newsletter_app.tips.standing import put_up

LONGEST_NOTE = 500


class Correction(Base):
    """One note under a tip's title; a language without one is not corrected.

    ``revision_en`` and ``revision_fr`` are the first revisions of the sides that hold what is right: whoever
    was mailed an earlier one is told. None: nobody is, the page alone tells it. ``gathered_to`` is the last
    reader looked at for that, ``gathered_at`` when all were.
    """

    __tablename__ = "tip_corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), index=True)
    corrected_at: Mapped[datetime]
    note_en: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    note_fr: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    corrected_by: Mapped[str] = mapped_column(String(320), default="", server_default="")
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    revision_en: Mapped[int | None]
    revision_fr: Mapped[int | None]
    gathered_to: Mapped[int] = mapped_column(default=0, server_default="0")
    gathered_at: Mapped[datetime | None]

    def note(self, language: Language) -> str:
        """Return what changed, in ``language``."""
        return self.note_fr if language == "fr" else self.note_en


def correct(session: Session, tip: Tip, note_en: str, note_fr: str, now: datetime) -> Correction:
    """Tell on the tip's page what was corrected. Raises Breach ``tip-not-published``, ``note-length``."""
    if tip.published_at is None:
        raise Breach("tip-not-published", number=tip.number)
    notes = [note.strip() for note in (note_en, note_fr)]
    if not all(0 < len(note) <= LONGEST_NOTE for note in notes):
        raise Breach("note-length", limit=LONGEST_NOTE)
    told = Correction(tip_id=tip.id, corrected_at=now, note_en=notes[0], note_fr=notes[1])
    session.add(told)
    put_up(session, tip, now)
    return told


def corrections_of(session: Session, tip_id: int) -> Sequence[Correction]:
    """Return what was corrected about a tip, the newest first."""
    mine = select(Correction).where(Correction.tip_id == tip_id)
    return session.scalars(mine.order_by(Correction.corrected_at.desc(), Correction.id.desc())).all()
