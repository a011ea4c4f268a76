"""The way out of a try-out: mails are kept in the database; nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.kernel.upserts import insert
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import NOBODY, Outcome, Parcel, Result
from newsletter_app.outbox.models import OutboxMessage

KEPT: Final = Reply(250, "2.0.0", "kept in the outbox")
SERVER: Final = "outbox"


class OutboxTransport:
    """Keeps each parcel once: a second hand-over under the same key changes nothing."""

    def __init__(self, unit_of_work: UnitOfWork, clock: Clock) -> None:
        """Keep what every parcel needs: a transaction and the time."""
        self._unit_of_work = unit_of_work
        self._clock = clock

    def next_server(self, shunned: Collection[str] = NOBODY) -> str:
        """Return the outbox, which always takes mail."""
        return SERVER

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Keep the parcels one by one and yield an outcome for each; see ``mail.transport.Transport``."""
        if stop():
            return
        for parcel in parcels:
            journal.handing_over(parcel.key, parcel.claim_no)
            self._keep(parcel)
            journal.replied(parcel.key, parcel.claim_no, KEPT)
            yield Outcome(parcel.key, parcel.claim_no, Result.accepted, KEPT, SERVER, self._clock())
            if stop():
                return

    def close(self) -> None:
        """Nothing is held between two hand-overs."""

    def _keep(self, parcel: Parcel) -> None:
        row = {
            "key": parcel.key,
            "sender": parcel.sender,
            "recipient": parcel.recipient,
            "message": bytes(parcel.message),
            "created_at": self._clock(),
        }
        with self._unit_of_work() as session:
            session.execute(insert(session, OutboxMessage).values(row).on_conflict_do_nothing())
