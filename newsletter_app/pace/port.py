"""The port of the pace: what a claim asks for and what it is granted; an adapter keeps the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit as tokens: ``per_second`` flow in, at most a second's worth (or one) is kept, none at first."""

    scope: str
    name: str
    per_second: Decimal


@dataclass(frozen=True, slots=True)
class Quota:
    """A day's cap; ``handed_over`` is what the ledger counts of it, None until somebody asked the ledger."""

    scope: str
    name: str
    day: date
    cap: int
    handed_over: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a claim would take: at most ``wanted`` messages, of them limited domains' as their tokens allow.

    Every message needs a token of each of ``shared`` and a place in each of ``quotas``; one to a limited
    domain needs a token of that domain as well. Without ``others`` only limited domains are left to claim.
    """

    wanted: int
    shared: tuple[Bucket, ...] = ()
    quotas: tuple[Quota, ...] = ()
    domains: tuple[Bucket, ...] = ()
    others: bool = True

    @property
    def is_free(self) -> bool:
        """Whether no limit stands in the way, so that nobody need be asked."""
        return not (self.shared or self.quotas or self.domains)


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be claimed now: ``total`` messages, of each limited domain at most ``by_domain``.

    With a total of 0 it is worth asking again after ``wait_s`` seconds. ``uncounted`` are quotas of which
    nobody knows what the day has used: ask the ledger, and ask again. ``is_spent``: a day's cap is reached.
    """

    asked: Asked
    total: int
    by_domain: Mapping[str, int] = field(default_factory=dict)
    wait_s: float = 0.0
    uncounted: tuple[Quota, ...] = ()
    is_spent: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """What was claimed of a grant: all messages, and those to limited domains."""

    total: int
    by_domain: Mapping[str, int] = field(default_factory=dict)


class Pace(Protocol):
    """Keeper of the tokens, shared by every process that sends. It never raises."""

    def take(self, asked: Asked) -> Grant | None:
        """Take all that ``asked`` allows from every bucket at once; None when nobody knows: claim nothing.

        Small portions are not worth a claim: less than a twentieth of a second's rate is not granted, unless
        that is less than a message. A free ``asked`` is granted whole and asks nobody.
        """
        ...

    def give_back(self, grant: Grant, used: Used) -> None:
        """Put back the tokens that ``used`` left over."""
        ...
