"""Corrections in a slice's pivot: a column for each that somebody is to be told of; none makes a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, select
from sqlalchemy.orm import Session

from newsletter_app.planning.holding import READERS
from newsletter_app.planning.pivot import Pivoted
from newsletter_app.planning.untold import is_to_be_told
from newsletter_app.subscriptions import Untold
from newsletter_app.tips import Correction


@dataclass(frozen=True, slots=True)
class Telling:
    """The columns of a pivot, and behind them one for each correction; mostly there is none."""

    others: Pivoted
    untold: tuple[int, ...]

    def flags(self) -> Iterator[str]:
        """Yield the names of the last columns, in order."""
        yield from self.others.flags()
        yield from (f"u{correction}" for correction in self.untold)

    def flagged(self, statement: Select[Any], readers: FromClause) -> Select[Any]:
        """Add these to ``statement``, which selects from ``readers``."""
        own = [
            case((_is_untold(readers, correction), 1), else_=0).label(f"u{correction}")
            for correction in self.untold
        ]
        return self.others.flagged(statement, readers).add_columns(*own)

    def publications(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return what a row's values say is mailed, in reading order."""
        return self.others.publications(self._of_others(values))

    def pace(self, values: Sequence[int]) -> str:
        """Return at which pace a series goes on after this mail; "" where none does."""
        return self.others.pace(self._of_others(values))

    def notes(self, values: Sequence[int]) -> tuple[int, ...]:
        """Return the corrections that a row's values say are told, the newest first."""
        flags = values[len(values) - len(self.untold) :]
        return tuple(id_ for id_, flag in zip(self.untold, flags, strict=True) if flag)

    def _of_others(self, values: Sequence[int]) -> Sequence[int]:
        return values[: len(values) - len(self.untold)]


def telling(session: Session, others: Pivoted) -> Telling:
    """Return these columns with the corrections to tell those held of; where none waits it costs one look."""
    theirs = select(READERS.c.subscriber_id)
    waiting = (
        select(Untold.correction_id)
        .join(Correction, Correction.id == Untold.correction_id)
        .where(Untold.subscriber_id.in_(theirs), is_to_be_told())
        .distinct()
    )
    return Telling(others, tuple(sorted(session.scalars(waiting), reverse=True)))


def _is_untold(theirs: FromClause, correction_id: int) -> ColumnElement[bool]:
    """Whether the reader is to be told of this correction."""
    return (
        select(Untold.correction_id)
        .join(Correction, Correction.id == Untold.correction_id)
        .where(
            Untold.subscriber_id == theirs.c.subscriber_id,
            Untold.correction_id == correction_id,
            is_to_be_told(),
        )
        .correlate(theirs)
        .exists()
    )
