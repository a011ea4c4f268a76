"""How many readers a tip would reach, by cadence, language and layout, before it is planned.

It is counted over all notices at once, so that any choice of them is told from it, each person once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from newsletter_app import tallies
from newsletter_app.campaigns import CADENCES, SERIES
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription

NAME: Final = "audience"
EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Group:
    """So many readers who read the same notices in the same cadences (notice id → cadence), written alike."""

    language: str
    layout: str
    reads: Mapping[int, str]
    readers: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How many readers some notices have who get mail now, by (cadence, language, layout)."""

    counts: Mapping[tuple[str, str, str], int]
    counted_at: datetime

    def readers(self, cadence: str = "", language: str = "") -> int:
        """Return how many of a cadence and a language, or of all of them."""
        return sum(
            readers
            for (each, written_in, _), readers in self.counts.items()
            if cadence in ("", each) and language in ("", written_in)
        )

    def editions(self, cadence: str) -> int:
        """Return how many contents a cadence has at least: whoever is behind may get another one."""
        return len({key for key, readers in self.counts.items() if key[0] == cadence and readers})


def reached(session: Session, notice_ids: Collection[int], now: datetime) -> Reached:
    """Return whom these notices reach; of many readers as it was counted last, minutes ago.

    Whoever reads several of them counts once, in the cadence that brings a tip first; a series comes to it in
    its own time, and does not count.
    """
    tally = tallies.find(session, NAME)
    groups = [_of_facts(facts) for facts in tally.facts["groups"]] if tally else _groups(session)
    counts: dict[tuple[str, str, str], int] = {}
    for group in groups:
        theirs = (cadence for notice_id, cadence in group.reads.items() if notice_id in notice_ids)
        read = [cadence for cadence in theirs if cadence != SERIES]
        if read:
            key = (min(read, key=_rank), group.language, group.layout)
            counts[key] = counts.get(key, 0) + group.readers
    return Reached(counts, tally.counted_at if tally else now)


def recount_audience(session: Session, now: datetime, elapsed: Callable[[], float]) -> bool:
    """Count anew if there are many readers and the tally is due; return whether it was."""
    tally = tallies.find(session, NAME)
    if not tallies.is_due(tally, now, EVERY):
        return False
    if tally is None and not tallies.many(session, select(Subscription.id)):
        return False
    tallies.keep(
        session, NAME, lambda: {"groups": [_facts(group) for group in _groups(session)]}, now, elapsed
    )
    return True


def _rank(cadence: str) -> int:
    known = [*CADENCES]
    return known.index(cadence) if cadence in known else len(known)


def _groups(session: Session) -> list[Group]:
    """One column per notice, then one row per kind of reader; paused readers get nothing now."""
    ids = list(session.scalars(select(Notice.id).order_by(Notice.id)))
    if not ids:
        return []
    columns = [
        func.max(case((Subscription.notice_id == notice_id, Subscription.cadence))).label(f"n{notice_id}")
        for notice_id in ids
    ]
    theirs = select(Subscription.subscriber_id, *columns).where(Subscription.state == "active")
    reads = theirs.group_by(Subscription.subscriber_id).subquery("reads")
    kind = (Subscriber.language, Subscriber.layout, *(reads.c[f"n{notice_id}"] for notice_id in ids))
    counted = (
        select(*kind, func.count())
        .join(reads, reads.c.subscriber_id == Subscriber.id)
        .where(Subscriber.paused_until.is_(None))
        .group_by(*kind)
    )
    return [
        Group(row[0], row[1], {id_: each for id_, each in zip(ids, row[2:-1], strict=True) if each}, row[-1])
        for row in session.execute(counted)
    ]


def _facts(group: Group) -> dict[str, Any]:
    reads = {str(notice_id): cadence for notice_id, cadence in group.reads.items()}
    return {"language": group.language, "layout": group.layout, "reads": reads, "readers": group.readers}


def _of_facts(facts: Mapping[str, Any]) -> Group:
    reads = {int(notice_id): cadence for notice_id, cadence in facts["reads"].items()}
    return Group(facts["language"], facts["layout"], reads, facts["readers"])
