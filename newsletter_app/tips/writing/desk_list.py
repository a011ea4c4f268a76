"""Tips as the desk lists them: in any state, with what waits of each; bodies are not read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import LANGUAGES, Language, other
from newsletter_app.tips.models import Tip, TipSide
from newsletter_app.tips.queries import TITLES_ALONE
from newsletter_app.tips.writing.models import TipRevision
from newsletter_app.tips.writing.releasing import is_held_back


class OnDesk(NamedTuple):
    """A tip, the languages it is written in, those that the other side has left behind, and whether something
    of it waits to be released.
    """

    tip: Tip
    written: tuple[Language, ...]
    behind: tuple[Language, ...]
    is_waiting: bool

    def title(self, language: Language) -> str:
        """Return its title in ``language``, else in the other one, else ""."""
        side = self.tip.side(language) or self.tip.side(other(language))
        return side.title if side is not None else ""


class _Newest(NamedTuple):
    tip_id: int
    part: str
    revision: int
    follows: int | None


def on_desk(
    session: Session, *, asked: str = "", stage: str = "", limit: int, offset: int = 0
) -> list[OnDesk]:
    """Return the tips whose number or title holds ``asked``, at ``stage`` ("" for any); newest first."""
    order = (Tip.number.desc().nulls_last(), Tip.id.desc())
    wanted = select(Tip).where(*_wanted(asked, stage)).order_by(*order).limit(limit).offset(offset)
    tips = session.scalars(wanted.options(*TITLES_ALONE)).all()
    newest = _newest(session, [tip.id for tip in tips])
    return [_row(tip, newest) for tip in tips]


def count_on_desk(session: Session, *, asked: str = "", stage: str = "") -> int:
    """Return how many rows ``on_desk`` has in all."""
    return session.scalar(select(func.count()).select_from(Tip).where(*_wanted(asked, stage))) or 0


def _wanted(asked: str, stage: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if stage == "published":
        conditions.append(and_(Tip.state == "published", Tip.withdrawn_at.is_(None)))
    elif stage:
        conditions.append(and_(Tip.state != "published", Tip.stage == stage))
    words = asked.strip().removeprefix("#")
    if words:
        titled = select(TipSide.tip_id).where(TipSide.title.icontains(words, autoescape=True))
        is_number = words.isascii() and words.isdecimal() and len(words) < 10
        numbered = [Tip.number == int(words)] if is_number else []
        conditions.append(or_(Tip.id.in_(titled), *numbered))
    return conditions


def _newest(session: Session, tip_ids: Sequence[int]) -> dict[tuple[int, str], _Newest]:
    """Return the newest revision of each part of these tips, in one question and without what is written."""
    columns = (TipRevision.tip_id, TipRevision.part, TipRevision.revision, TipRevision.follows)
    rows = session.execute(
        select(*columns)
        .where(TipRevision.tip_id.in_(tip_ids), TipRevision.is_aside.is_(False))
        .order_by(TipRevision.revision)
    )
    return {(row[0], row[1]): _Newest(*row) for row in rows}


def _row(tip: Tip, newest: dict[tuple[int, str], _Newest]) -> OnDesk:
    sides = {language: newest.get((tip.id, language)) for language in LANGUAGES}
    written = tuple(language for language in LANGUAGES if tip.side(language) or sides[language])
    behind = tuple(language for language in LANGUAGES if _is_behind(sides[language], sides[other(language)]))
    return OnDesk(tip, written, behind, is_held_back(tip) and _is_waiting(tip, newest, sides))


def _is_behind(mine: _Newest | None, its_other: _Newest | None) -> bool:
    return (
        mine is not None
        and mine.follows is not None
        and its_other is not None
        and (mine.follows != its_other.revision)
    )


def _is_waiting(
    tip: Tip, newest: dict[tuple[int, str], _Newest], sides: dict[Language, _Newest | None]
) -> bool:
    """The sides of a released tip bear the revisions that were released; what both share has none."""
    found = {side.language: side.revision for side in tip.sides}
    return tip.stage != "approved" or any(
        row is not None and row.revision != found.get(language) for language, row in sides.items()
    )
