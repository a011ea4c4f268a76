"""Remembering while a page is read: within it, what was asked of the database once is not asked again.

Whoever renders a page begins and ends it, and only in a session that cannot write: one that changes something
asks anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast

from sqlalchemy.orm import Session

KEPT: Final = "newsletter_remembered"
Told = TypeVar("Told")


def keep(session: Session) -> None:
    """Remember from now on, beside what is remembered already."""
    session.info.setdefault(KEPT, {})


def forget(session: Session) -> None:
    """Forget everything, and remember nothing any more."""
    session.info.pop(KEPT, None)


def once(session: Session, question: Hashable, ask: Callable[[], Told]) -> Told:
    """Return what ``ask`` returns; where the session remembers, what it returned for ``question`` before."""
    kept: dict[Hashable, Any] | None = session.info.get(KEPT)
    if kept is None:
        return ask()
    if question not in kept:
        kept[question] = ask()
    return cast(Told, kept[question])
