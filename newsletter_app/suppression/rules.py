"""Which reasons there are, which outweighs which, and which a person lifts by confirming; no session here."""

from __future__ import annotations

from typing import Final, Literal

Scope = Literal["bulk", "all"]

# From the lightest to the heaviest: a complaint outweighs a bounce, and nothing outweighs a person's word.
REASONS: Final = ("bounce", "erased", "complaint", "by-hand", "legal")

# M42: who asks again and proves the address has answered these; a complaint is for staff to lift.
LIFTED_BY_CONFIRMING: Final = frozenset({"bounce", "erased"})


def outweighs(new: str, old: str) -> bool:
    """Tell whether reason ``new`` takes the place of ``old`` on the same address and scope."""
    return REASONS.index(new) > REASONS.index(old)
