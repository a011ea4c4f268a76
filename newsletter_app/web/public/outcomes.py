"""What a press on the choices page does and did: a section's act, and the words that answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from newsletter_app.subscribers import Subscriber


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a press did: the section it belongs to, a sentence for its top, and what is still wrong."""

    section: str = ""
    sentence: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    typed_address: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One section's act, and whether only a fresh link to the address on file allows it."""

    act: Callable[[Subscriber], Outcome]
    needs_fresh_link: bool = False
