"""How often a reader gets each notice: changed at any time; the cursor stays, so nothing comes twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app.kernel.errors import Breach
from newsletter_app.subscriptions.queries import of_subscriber

CADENCES: Final = ("each", "weekly", "monthly")


def set_cadences(session: Session, subscriber_id: int, cadences: Mapping[int, str]) -> tuple[int, ...]:
    """Set the cadence of a reader's active notices (id → cadence); return those that changed.

    What is planned and not yet claimed in the former cadence is given back and comes in the new one.
    Raises Breach ``cadence-unknown``.
    """
    if unknown := set(cadences.values()) - set(CADENCES):
        raise Breach("cadence-unknown", cadences=",".join(sorted(unknown)))
    changed = []
    # Held, as a planner holds them: it reads either cadence of a notice, never both.
    for row in of_subscriber(session, subscriber_id, cadences, lock=True):
        if row.state == "active" and row.cadence != cadences[row.notice_id]:
            row.cadence = cadences[row.notice_id]
            changed.append(row.notice_id)
    session.flush()
    return tuple(changed)
