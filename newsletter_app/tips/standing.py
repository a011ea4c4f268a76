"""What readers find follows the tips: the search's index, and one number that every change raises.

Each verb that changes what a page shows of a tip ends here; pages tell by the number whether they are new.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.upserts import insert
from newsletter_app.tips.models import Tip, TipSide
from newsletter_app.tips.search import SearchText
from newsletter_app.tips.stems import stems
from newsletter_app.tips.topics import topics_of

ONLY_ROW = 1


class StandingRow(Base):
    """The one row that says how often, and when last, anything about any tip changed."""

    __tablename__ = "tip_standing"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    changed_at: Mapped[datetime]


class Standing(NamedTuple):
    """How often and when last the tips changed; a restored database may count again, at another time."""

    version: int
    changed_at: datetime | None


def standing(session: Session) -> Standing:
    """Return how the tips stand; 0 and None before the first."""
    row = session.execute(select(StandingRow.version, StandingRow.changed_at)).one_or_none()
    return Standing(*row) if row else Standing(0, None)


def put_up(session: Session, tip: Tip, now: datetime) -> None:
    """Let the search find what is on the web of ``tip`` and nothing else, and pages know of a change."""
    session.flush()
    _index(session, tip)
    raise_version(session, now)


def raise_version(session: Session, now: datetime) -> None:
    """Let pages know that something about a tip changed."""
    row = insert(session, StandingRow).values(id=ONLY_ROW, version=1, changed_at=now)
    raised = {"version": StandingRow.version + 1, "changed_at": now}
    session.execute(row.on_conflict_do_update(index_elements=[StandingRow.id], set_=raised))


def put_up_missing(session: Session, now: datetime) -> int:
    """Index the tips on the web that the search does not know (of an older product); return how many."""
    known = select(SearchText.side_id)
    unknown = select(TipSide.tip_id).where(TipSide.id.not_in(known))
    shown = select(Tip).where(Tip.state == "published", Tip.withdrawn_at.is_(None), Tip.id.in_(unknown))
    missing = session.scalars(shown.order_by(Tip.id)).all()
    for tip in missing:
        put_up(session, tip, now)
    return len(missing)


def _index(session: Session, tip: Tip) -> None:
    sides = [side.id for side in tip.sides]
    session.execute(delete(SearchText).where(SearchText.side_id.in_(sides)))
    if tip.state != "published" or tip.withdrawn_at is not None:
        return
    for side in tip.sides:
        language = as_language(side.language)
        named = " ".join(topic.name for topic in topics_of(session, tip.id, language))
        words = stems(f"{side.lead}\n{side.body}\n{named}", language)
        row = insert(session, SearchText).values(side_id=side.id, language=language, number=tip.number)
        session.execute(row.values(title=stems(side.title, language), words=words))
