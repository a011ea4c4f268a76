"""Whether the organisation's colours can be read in both schemes of a mail (WCAG 2.2, 1.4.3; M56)."""

from __future__ import annotations

from newsletter_app.organisation import Palette, pairs
from newsletter_app.preflight.findings import BLOCKS, Finding


def colour_findings(colours: Palette) -> list[Finding]:
    """Return each colour that is too faint in a scheme, told by its worst place.

    They are refused when they are set; a restored backup, or rules that became stricter, bring others.
    """
    faint = [pair for pair in pairs(colours) if pair.ratio < pair.needed]
    # Of several for one colour the last one written is kept, which is the faintest.
    by_ratio = sorted(faint, key=lambda pair: pair.ratio, reverse=True)
    worst = {(pair.scheme, pair.name): pair for pair in by_ratio}
    return [
        Finding(
            "colour-faint",
            BLOCKS,
            scheme,
            f"{name.replace('_', '-')} {pair.colour} on its {pair.against} ({pair.other}) has"
            f" {int(pair.ratio * 100) / 100:.2f} to 1 and needs {pair.needed:g}",
        )
        for (scheme, name), pair in sorted(worst.items())
    ]
