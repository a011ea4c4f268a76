"""Answers kept while a page is read: within it, the same question to the database has one answer.

Whoever renders a page begins and ends the keeping, and only in a session that cannot write: one that changes
something asks anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast

from sqlalchemy.orm import Session

KEPT: Final = "newsletter_answers"
Answer = TypeVar("Answer")


def keep(session: Session) -> None:
    """Keep answers from now on, beside those that are kept already."""
    session.info.setdefault(KEPT, {})


def forget(session: Session) -> None:
    """Forget every answer, and keep none any more."""
    session.info.pop(KEPT, None)


def once(session: Session, question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Return what ``ask`` returns; where answers are kept, as it answered ``question`` the first time."""
    kept: dict[Hashable, Any] | None = session.info.get(KEPT)
    if kept is None:
        return ask()
    if question not in kept:
        kept[question] = ask()
    return cast(Answer, kept[question])
