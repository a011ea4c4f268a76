"""Who acts: a value for views and rules, bound to no session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from newsletter_app.kernel.languages import Language

Role = Literal["viewer", "editor", "publisher", "owner"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of the staff; ``email`` is what the audit log calls them."""

    id: int
    role: Role
    email: str
    language: Language = "en"
