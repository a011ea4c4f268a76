"""What a spam filter says of a mail, as a pure decision; it asks none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding

# What this product's own templates stay below (M58), and what SpamAssassin calls spam unless told otherwise.
WARNING: Final = 2.0
LIMIT: Final = 5.0


@dataclass(frozen=True, slots=True)
class SpamScore:
    """How many points a filter gave a mail, and the names of the rules that gave them."""

    points: float
    rules: tuple[str, ...]


def spam_findings(score: SpamScore | None, where: str = "") -> list[Finding]:
    """Return whether filters would take a mail for spam; nothing where none was asked, or none answered."""
    if score is None or score.points < WARNING:
        return []
    level = BLOCKS if score.points >= LIMIT else WARNS
    return [Finding("spam-score", level, where, f"{score.points:.1f} ({', '.join(score.rules)})")]
