"""A way out whose server's answers a test writes down; it journals as the real one does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from newsletter_app.kernel.clock import Clock
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import NOBODY, Outcome, Parcel, Result, result_of

OK = Reply(250, "2.0.0", "Ok: queued")
BUSY = Reply(451, "4.3.0", "Try again later")
NO_SUCH_PERSON = Reply(550, "5.1.1", "No such person")
POLICY = Reply(550, "5.7.26", "Unauthenticated")
SERVER = "fake:25"


class ServerDied(Exception):
    """What a test raises to end a hand-over as a crash would."""


class ScriptedTransport:
    """Answers each parcel with the next reply written for its recipient, else 250."""

    def __init__(self, clock: Clock, answers: dict[str, list[Reply | None]] | None = None) -> None:
        """``None`` for an answer: the dot leaves and no reply ever comes."""
        self._clock = clock
        self.answers = answers or {}
        self.before: Callable[[Parcel], None] = lambda parcel: None
        self.takes = 10_000
        self.taken: list[Parcel] = []

    def next_server(self, shunned: Collection[str] = NOBODY) -> str | None:
        """Be the only server."""
        return None if SERVER in shunned else SERVER

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Take parcels until ``takes`` is used up or ``stop`` says so."""
        for parcel in parcels if self.takes and not stop() else ():
            self.takes -= 1
            self.before(parcel)
            self.taken.append(parcel)
            script = self.answers.get(parcel.recipient, [])
            answer = script.pop(0) if script else OK
            yield self._outcome(parcel, answer, journal)
            if not self.takes or stop():
                return

    def close(self) -> None:
        """Nothing stays open."""

    def _outcome(self, parcel: Parcel, answer: Reply | None, journal: Journal) -> Outcome:
        # A reply of the four and five hundreds comes to RCPT here: no dot ever leaves.
        result = Result.uncertain if answer is None else result_of(answer)
        if result in (Result.accepted, Result.uncertain):
            journal.handing_over(parcel.key, parcel.claim_no)
        if answer is not None and result is Result.accepted:
            journal.replied(parcel.key, parcel.claim_no, answer)
        return Outcome(parcel.key, parcel.claim_no, result, answer, SERVER, self._clock())
