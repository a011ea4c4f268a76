"""The editions that one errand fills, read once each; the oldest is forgotten when there are many."""

from __future__ import annotations

from typing import Final

from newsletter_app.delivery import editions
from newsletter_app.delivery.filling import Filling
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.mail import Keyring

KEPT: Final = 16


class Fillings:
    """Compiled editions by their ids."""

    def __init__(self, unit_of_work: UnitOfWork, keyring: Keyring) -> None:
        """Begin with none; each is read in a transaction of its own, with the keys that sign it."""
        self._unit_of_work, self._keyring = unit_of_work, keyring
        self._kept: dict[int, Filling] = {}

    def of(self, edition_id: int) -> Filling:
        """Return an edition ready to be filled. Raises Breach uncompiled, KeyRefused without its key."""
        if edition_id not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            with self._unit_of_work() as session:
                self._kept[edition_id] = editions.load(session, edition_id, self._keyring)
        return self._kept[edition_id]
