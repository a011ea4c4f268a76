"""Looking for tips by their words: one question for SQLite's FTS5 and PostgreSQL's full text alike.

What is found stands in the language of the question, titles before texts; the index holds stems only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ForeignKey, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.languages import Language
from newsletter_app.tips import search_ddl
from newsletter_app.tips.stems import question


class SearchText(Base):
    """The stems of a side that is on the web; the database makes its full text of them."""

    __tablename__ = "tip_searches"

    side_id: Mapped[int] = mapped_column(ForeignKey("tip_sides.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


search_ddl.index_with(SearchText.__table__)

# A word of the title counts as much as eight in the text.
_STATEMENTS: Final = {
    "sqlite": text(
        """
        SELECT tip_sides.id FROM tip_index
        JOIN tip_sides ON tip_sides.id = tip_index.rowid JOIN tips ON tips.id = tip_sides.tip_id
        WHERE tip_index MATCH :words AND tip_sides.language = :language
        AND tips.state = 'published' AND tips.withdrawn_at IS NULL
        ORDER BY bm25(tip_index, 8.0, 1.0), tips.number DESC, tip_sides.id DESC
        """
    ),
    "postgresql": text(
        """
        SELECT tip_sides.id FROM tip_searches
        JOIN tip_sides ON tip_sides.id = tip_searches.side_id JOIN tips ON tips.id = tip_sides.tip_id
        CROSS JOIN to_tsquery('simple', :words) AS asked
        WHERE tip_searches.tip_index @@ asked AND tip_sides.language = :language
        AND tips.state = 'published' AND tips.withdrawn_at IS NULL
        ORDER BY ts_rank('{0.125, 0, 0, 1}', tip_searches.tip_index, asked) DESC,
        tips.number DESC NULLS LAST, tip_sides.id DESC
        """
    ),
}


def search(session: Session, language: Language, asked: str) -> Sequence[int]:
    """Return the ids of the sides that hold every word of ``asked``, best first; none without a word.

    Whatever was typed, only stems of a-z and 0-9 reach the database's query language (S15).
    """
    words = question(asked, language)
    if not words:
        return ()
    dialect = session.get_bind().dialect.name
    # Quoted, since FTS5 would read a bare "and" or "near" as its own.
    together = " & ".join(words) if dialect == "postgresql" else " ".join(f'"{word}"' for word in words)
    return session.scalars(_STATEMENTS[dialect], {"language": language, "words": together}).all()
