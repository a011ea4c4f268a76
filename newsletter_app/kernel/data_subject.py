"""Whose data it is, as each room is asked about it: a row, every address of theirs, and the keys of those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from newsletter_app.kernel.addresses import Address, address_key


@dataclass(frozen=True, slots=True)
class DataSubject:
    """A person. ``subscriber_id`` is None where no row is known; ``spellings``: as written and lower-case."""

    subscriber_id: int | None
    spellings: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def at(cls, addresses: Iterable[Address], hash_key: bytes, subscriber_id: int | None = None) -> Self:
        """Return whoever is, or was, written to at these addresses."""
        known = list(addresses)
        spelled = {text for address in known for text in (str(address), address.canonical)}
        return cls(
            subscriber_id, frozenset(spelled), frozenset(address_key(hash_key, each) for each in known)
        )

    def lives_at(self, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Compare a column of addresses; SQLite's ``lower`` knows only ASCII, so both spellings count."""
        return or_(func.lower(column).in_(self.spellings), column.in_(self.spellings))
