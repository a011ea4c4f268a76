"""What every way out of the house promises: parcels in, one outcome each; it knows no protocol."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from newsletter_app.mail.journal import Journal
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.sound import Message

NOBODY: Final[frozenset[str]] = frozenset()


class Parcel(NamedTuple):
    """One message on its way to a server."""

    key: str
    """The ledger's row, journalled as it is: "d:<campaign>:<subscriber>" or "s:<service mail>"; [a-z0-9:]+"""
    claim_no: int
    sender: str
    """Envelope MAIL FROM; "" is the null sender (RFC 5321 4.5.5)."""
    recipient: str
    """Envelope RCPT TO, its domain as A-labels."""
    message: Message
    """The message with CRLF lines, not dot-stuffed."""


class Result(StrEnum):
    """What became of a parcel (RFC 5321 4.2.1, RFC 1047)."""

    accepted = "accepted"  # 2xx to its own final dot
    refused = "refused"  # 5xx, or it could never be handed to this server
    deferred = "deferred"  # 4xx, or lost before its final dot left: try again later, one attempt counted
    uncertain = "uncertain"  # its final dot left and no reply came: never resent by machine
    unsent = "unsent"  # not handed over and not tried: back to queued, no attempt counted


# Reading a member off its enumeration is dear in Python 3.11.
_ACCEPTED: Final = Result.accepted


class Outcome(NamedTuple):
    """What became of one parcel; ``reply`` is None when no server said anything about it."""

    key: str
    claim_no: int
    result: Result
    reply: Reply | None
    server: str
    """Who was spoken to, "host:port"."""
    at: datetime
    """When it was known (aware UTC, from the injected clock)."""


class Transport(Protocol):
    """A way out. One hand-over at a time; connections may outlive it, until ``close``."""

    def next_server(self, shunned: Collection[str] = NOBODY) -> str | None:
        """Choose who takes the next hand-over, never one of ``shunned``; None while nobody can.

        It is asked before the claim, since what is claimed depends on who takes it.
        """
        ...

    def hand_over(
        self, parcels: Iterable[Parcel], journal: Journal, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Pull parcels as they can be served and yield exactly one outcome for each one pulled, in any order.

        Rows whose parcels were never pulled (because of ``stop`` or trouble with the server) get no outcome:
        whoever claimed them frees them. Trouble on the wire is never raised; journal and source errors are.
        """
        ...

    def close(self) -> None:
        """Leave politely; the transport may be used again afterwards."""
        ...


def result_of(reply: Reply) -> Result:
    """Return what a journalled reply decided about its message, for whoever settles a dead process's rows."""
    if reply.code < 300:
        return _ACCEPTED
    return Result.deferred if reply.code < 500 else Result.refused
