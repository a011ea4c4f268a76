"""Campaigns kept in step with the breakers: paused while every server is out, going on once one is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import campaigns
from newsletter_app.delivery.ending import expire_late
from newsletter_app.ledger import BreakerKind, open_breakers, why


@dataclass(frozen=True, slots=True)
class Step:
    """The campaigns that were broken off now, and those that go on again."""

    broken_off: list[int]
    mended: list[int]


def keep_in_step(session: Session, servers: Collection[str], now: datetime) -> Step:
    """Pause what sends while all ``servers`` are out, and say why; else let go on what was so paused.

    Where nothing can be handed over, a lifetime still ends: then the waiting rows expire here.
    """
    late = campaigns.late(session, now)
    for campaign_id in late:
        expire_late(session, campaign_id, now)
    out = {one.name: one for one in open_breakers(session) if one.kind == BreakerKind.server}
    if not servers or any(server not in out for server in servers):
        return Step([], campaigns.mend(session, campaigns.broken_off(session)))
    reason = "; ".join(f"{server}: {why(out[server])}" for server in sorted(servers))
    broken_off = campaigns.break_off(session, reason)
    return Step(broken_off, campaigns.mend(session, late))
