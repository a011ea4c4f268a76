"""Looking for tips by their words: one question for SQLite's FTS5 and PostgreSQL's full text alike.

What is found stands in the language of the question, titles before texts; the index holds stems only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.languages import Language
from newsletter_app.tips import search_ddl
from newsletter_app.tips.stems import question


class SearchText(Base):
    """The stems of a side that is on the web, of which the database makes its full text."""

    __tablename__ = "tip_searches"

    side_id: Mapped[int] = mapped_column(ForeignKey("tip_sides.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[int | None]
    title: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


search_ddl.index_with(SearchText.__table__)

# What more tips hold than anybody reads needs no ranking, which would unpack each of them on PostgreSQL.
RANKED: Final = 500
# A word of the title counts as much as eight in the text.
_STATEMENTS: Final = {
    "sqlite": text(
        """
        SELECT tip_searches.side_id FROM tip_index
        JOIN tip_searches ON tip_searches.side_id = tip_index.rowid
        WHERE tip_index MATCH :words AND tip_searches.language = :language
        ORDER BY bm25(tip_index, 8.0, 1.0), tip_searches.number DESC, tip_searches.side_id DESC
        """
    ),
    "postgresql": text(
        """
        SELECT side_id FROM (
            SELECT side_id, number, tip_index_rank, asked, count(*) OVER () AS found
            FROM tip_searches CROSS JOIN to_tsquery('simple', :words) AS asked
            WHERE tip_index @@ asked AND language = :language
        ) AS matched
        ORDER BY CASE WHEN found <= :ranked THEN ts_rank('{0.125, 0, 0, 1}', tip_index_rank, asked) END DESC,
        number DESC NULLS LAST, side_id DESC
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
    given: dict[str, object] = {"language": language, "words": together}
    ranked = {"ranked": RANKED} if dialect == "postgresql" else {}
    return session.scalars(_STATEMENTS[dialect], given | ranked).all()
