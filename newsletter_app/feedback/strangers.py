"""Mail that proves nothing: kept within a day's room; beyond it only its sender's domain is counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter_app.feedback.models import Strangers
from newsletter_app.kernel.upserts import insert

# The answers of people whose program quotes nothing, after the largest mailing that one server sends, and
# some. At most sixteen megabytes a day and half a year of waiting (``forgetting``) are three gigabytes.
MOST_A_DAY: Final = 500
MOST_OCTETS_A_DAY: Final = 16 * 1024 * 1024
# Anybody may write any sender, so that names are bounded as well; the rest is counted together.
MOST_DOMAINS: Final = 100
OTHERS: Final = ""
DAY: Final = timedelta(days=1)
_DOMAIN: Final = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)


class TurnedAway(NamedTuple):
    """How often mail of one domain ("" for others) was not kept, tries of the same mail counted each."""

    domain: str
    times: int


def admit(session: Session, octets: int, sender: str, now: datetime) -> bool:
    """Count a stranger's mail, of which so many octets would be kept; False where today has no room for it.

    Days are those of UTC. Two at the same moment may both have the last place, which does no harm.
    """
    today = _of_day(session, now.date())
    mails, size = sum(row.mails for row in today), sum(row.octets for row in today)
    has_room = mails < MOST_A_DAY and size + octets <= MOST_OCTETS_A_DAY
    counted = {"mails": int(has_room), "octets": octets if has_room else 0, "turned_away": int(not has_room)}
    domain = _domain(sender, {row.domain for row in today})
    adding = insert(session, Strangers).values(day=now.date(), domain=domain, **counted)
    more = {name: getattr(Strangers, name) + many for name, many in counted.items()}
    session.execute(adding.on_conflict_do_update(index_elements=["day", "domain"], set_=more))
    return has_room


def turned_away(session: Session, now: datetime) -> list[TurnedAway]:
    """Return whose mail was not kept today or yesterday, the most first."""
    times = func.sum(Strangers.turned_away)
    by_domain = select(Strangers.domain, times).where(Strangers.day >= (now - DAY).date())
    many_first = (
        by_domain.group_by(Strangers.domain).having(times > 0).order_by(times.desc(), Strangers.domain)
    )
    return [TurnedAway(domain, int(many)) for domain, many in session.execute(many_first)]


def forget_days(session: Session, before: datetime) -> None:
    """Let go of the counts of days before."""
    session.execute(delete(Strangers).where(Strangers.day < before.date()))


def _of_day(session: Session, day: date) -> Sequence[Strangers]:
    rows = select(Strangers).where(Strangers.day == day).execution_options(populate_existing=True)
    return session.scalars(rows).all()


def _domain(sender: str, known: set[str]) -> str:
    domain = sender.rpartition("@")[2]
    if not _DOMAIN.fullmatch(domain) or (domain not in known and len(known) >= MOST_DOMAINS):
        return OTHERS
    return domain
