"""The editions that one errand fills, read once each; the oldest is forgotten when there are many."""

from __future__ import annotations

from typing import Final

from newsletter_app.campaigns import Edition
from newsletter_app.delivery import editions
from newsletter_app.delivery.filling import Filling
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.unit_of_work import UnitOfWork

KEPT: Final = 16


class Fillings:
    """Compiled editions by their ids."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        """Begin with none; each is read in a transaction of its own."""
        self._unit_of_work = unit_of_work
        self._kept: dict[int, Filling] = {}

    def of(self, edition_id: int) -> Filling:
        """Return an edition ready to be filled. Raises Breach when it is not compiled."""
        if edition_id not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[edition_id] = self._load(edition_id)
        return self._kept[edition_id]

    def _load(self, edition_id: int) -> Filling:
        with self._unit_of_work() as session:
            compiled, notice_ids, made_at = editions.load(session, edition_id)
            language = as_language(session.get_one(Edition, edition_id).language)
        return Filling(edition_id, compiled, notice_ids, language, made_at)
