"""What a refusal can mean: whose doing it is, and why; the words that ledger, events and people share."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """Whose doing a refusal is, and so what follows from it."""

    hard = "hard"  # The address takes no mail, and waiting changes nothing.
    soft = "soft"  # Not now: it may well go another time.
    sender_fault = "sender-fault"  # It speaks of us, never of the reader (M40).
    none = "none"  # No refusal at all: delivered, relayed, or nothing that says so.


class Reason(StrEnum):
    """Why a message was refused, in the words that staff see."""

    # The address.
    user_unknown = "user-unknown"
    bad_address = "bad-address"
    domain_gone = "domain-gone"
    moved = "moved"
    inactive = "inactive"
    suspended = "suspended"
    full = "full"
    # Us.
    unauthenticated = "unauthenticated"
    reputation = "reputation"
    spam = "spam"
    content = "content"
    too_big = "too-big"
    policy = "policy"
    restricted = "restricted"
    relaying_denied = "relaying-denied"
    rate_limited = "rate-limited"
    bad_sender = "bad-sender"
    protocol = "protocol"
    # The way there.
    greylisted = "greylisted"
    busy = "busy"
    unreachable = "unreachable"
    expired = "expired"
    loop = "loop"
    unspecified = "unspecified"
    delivered = "delivered"


ABOUT_THE_ADDRESS: Final = frozenset({
    Reason.user_unknown, Reason.bad_address, Reason.domain_gone, Reason.moved, Reason.inactive,
    Reason.suspended, Reason.full, Reason.unreachable, Reason.expired, Reason.unspecified,
})  # fmt: skip


class Verdict(NamedTuple):
    """What a refusal means."""

    kind: Kind
    reason: Reason

    @property
    def is_about_the_address(self) -> bool:
        """Whether it says anything about the reader's address; else it never counts against it."""
        return self.kind in (Kind.hard, Kind.soft) and self.reason in ABOUT_THE_ADDRESS
