"""Corrections: what was changed of a published tip, by whom and when; whom it is mailed to is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language, other
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
        """Return what changed, in ``language``, or in the other where it was told in that alone."""
        return self.note_in(language) or self.note_in(other(language))

    def note_in(self, language: Language) -> str:
        """Return what changed in ``language``, "" where that was not told."""
        return self.note_fr if language == "fr" else self.note_en


def correct(
    session: Session,
    tip: Tip,
    note_en: str,
    note_fr: str,
    now: datetime,
    *,
    by: str = "",
    one_side: bool = False,
) -> Correction:
    """Tell on the tip's page what was corrected, in both languages; with ``one_side`` in one of them.

    Raises Breach ``tip-not-published``, ``note-length``.
    """
    if tip.published_at is None:
        raise Breach("tip-not-published", number=tip.number)
    notes = [note.strip() for note in (note_en, note_fr)]
    is_told = any(notes) if one_side else all(notes)
    if not is_told or max(map(len, notes)) > LONGEST_NOTE:
        raise Breach("note-length", limit=LONGEST_NOTE)
    told = Correction(
        tip_id=tip.id, corrected_at=now, note_en=notes[0], note_fr=notes[1], corrected_by=by, gathered_to=0
    )
    session.add(told)
    put_up(session, tip, now)
    return told


def tell_by_mail(session: Session, correction: Correction, tip: Tip, *, text_unchanged: bool) -> None:
    """Let whoever was mailed an earlier revision than today's be told; ``text_unchanged``: of today's too.

    Only of the sides that the note is about.
    """
    first = {side.language: side.revision + int(text_unchanged) for side in tip.sides}
    correction.revision_en = first.get("en") if correction.note_en else None
    correction.revision_fr = first.get("fr") if correction.note_fr else None
    session.flush()


def find_correction(session: Session, correction_id: int) -> Correction | None:
    """Return one correction, or None."""
    return session.get(Correction, correction_id)


def corrections_of(session: Session, tip_id: int) -> Sequence[Correction]:
    """Return what was corrected about a tip, the newest first."""
    mine = select(Correction).where(Correction.tip_id == tip_id)
    return session.scalars(mine.order_by(Correction.corrected_at.desc(), Correction.id.desc())).all()
