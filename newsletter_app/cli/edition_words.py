"""The editions of a campaign at the terminal: what each holds, and how many readers are in which state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from newsletter_app import delivery, tips
from newsletter_app.cli.subscriber_words import name_of
from newsletter_app.kernel.languages import as_language


def facts(session: Session, campaign_id: int) -> list[dict[str, Any]]:
    """Return the editions of a campaign as JSON can hold them, the largest first."""
    found = []
    for one in delivery.by_edition(session, campaign_id):
        held = [tip for tip_id in one.tip_ids if (tip := tips.find(session, tip_id)) is not None]
        told = [
            correction
            for id_ in one.correction_ids
            if (correction := tips.find_correction(session, id_)) is not None
        ]
        corrected = [tip for each in told if (tip := tips.find(session, each.tip_id)) is not None]
        found.append(
            {
                "edition": one.id,
                "tips": [name_of(tip) for tip in held],
                "corrections_of": [name_of(tip) for tip in corrected],
                "language": as_language(one.language),
                "layout": one.layout,
                "readers": sum(one.states.values()),
                "states": one.states,
            }
        )
    return found


def line(edition: Mapping[str, Any]) -> str:
    """Return one edition as a line: what it holds, for whom, and what became of it."""
    holds = [f"tips {', '.join(edition['tips'])}"] if edition["tips"] else []
    holds += [f"corrections of {', '.join(edition['corrections_of'])}"] if edition["corrections_of"] else []
    states = ", ".join(f"{count} {state}" for state, count in sorted(edition["states"].items()))
    return (
        f"edition {edition['edition']}: {' and '.join(holds)}, {edition['language']}, {edition['layout']}:"
        f" {states or 'nobody'}"
    )
