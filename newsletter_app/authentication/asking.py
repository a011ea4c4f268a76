"""Questions to the DNS as a port: what is asked, what came back, and why nothing did; it asks nobody itself.

"It is not there" and "it could not be asked" are different answers here, and stay different everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

Kind = Literal["TXT", "MX", "A", "AAAA", "PTR"]


class Silence(StrEnum):
    """Why a question has no answer; nothing is known of the name then."""

    timed_out = "timed-out"
    servfail = "servfail"
    refused = "refused"
    no_resolver = "no-resolver"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the DNS holds under a name for one kind of record; ``silence`` says that it could not be asked.

    A TXT record is one text, its strings joined (RFC 7208 section 3.3); an MX reads "10 mx.example.org".
    Names are without the last dot, in small letters; the root is ".".
    """

    values: tuple[str, ...] = ()
    name_exists: bool = True
    silence: Silence | None = None

    @property
    def is_void(self) -> bool:
        """Whether the DNS said that there is nothing of the kind (RFC 7208 section 4.6.4)."""
        return not self.values and self.silence is None


class Resolver(Protocol):
    """Whoever answers such questions, within a bounded time; it raises nothing."""

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return what stands under ``name``; a name that no DNS could hold does not exist."""
        ...
