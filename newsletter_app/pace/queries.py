"""Pace questions: every limit that is set, as one value."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.pace.models import PaceLimit, WarmUp
from newsletter_app.pace.rules import DOMAIN, OVERALL, SERVER, Limits, Warming


def limits(session: Session) -> Limits:
    """Return the limits and warm-ups that hold now; what SMTP_URL says of its servers is not among them."""
    rates = {(row.scope, row.name): row.per_second for row in session.scalars(select(PaceLimit))}
    return Limits(
        overall=rates.get((OVERALL, "")),
        servers={name: rate for (scope, name), rate in rates.items() if scope == SERVER},
        domains={name: rate for (scope, name), rate in rates.items() if scope == DOMAIN},
        warm_ups={
            (row.scope, row.name): Warming(row.first_day, row.messages, row.growth, row.ceiling)
            for row in session.scalars(select(WarmUp))
        },
    )
