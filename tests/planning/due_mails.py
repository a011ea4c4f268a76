"""When mails are due by the model: campaign by campaign, moment by moment, and shard by shard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from newsletter_app.delivery import SHARDS


class DueMails:
    """Due times that wait; whether the mail is still to be sent then, a reader's life knows.

    A day has few moments, and each of them thousands of readers: they are kept together.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._moments: list[datetime] = []
        self._waiting: dict[datetime, dict[int, dict[int, list[int]]]] = {}
        """Moment → campaign → shard → readers."""

    def put(self, campaign_id: int, reader: int, due_at: datetime) -> None:
        """Keep in mind when a mail is due."""
        campaigns = self._waiting.get(due_at)
        if campaigns is None:
            campaigns = self._waiting[due_at] = {}
            heappush(self._moments, due_at)
        campaigns.setdefault(campaign_id, defaultdict(list))[reader % SHARDS].append(reader)

    def take(self, campaign_id: int, shard: int, now: datetime) -> Iterator[int]:
        """Yield the readers whose due time in a shard is over, and forget it."""
        for moment in self._until(now):
            campaigns = self._waiting[moment]
            yield from campaigns.get(campaign_id, {}).pop(shard, ())
            if campaign_id in campaigns and not campaigns[campaign_id]:
                del campaigns[campaign_id]
        self._forget_the_empty()

    def next_after(self, now: datetime) -> datetime | None:
        """Return the first moment after ``now`` at which a mail is due."""
        return min((moment for moment in self._moments if moment > now), default=None)

    def next_of(self, campaign_id: int) -> dict[int, datetime]:
        """Return the first due time in each shard of a campaign that has one."""
        found: dict[int, datetime] = {}
        for moment, campaigns in self._waiting.items():
            for shard in campaigns.get(campaign_id, ()):
                found[shard] = min(moment, found.get(shard, moment))
        return found

    def overdue(self, now: datetime) -> set[tuple[int, int]]:
        """Return the campaigns and shards with something due."""
        return {
            (campaign_id, shard)
            for moment in self._until(now)
            for campaign_id, shards in self._waiting[moment].items()
            for shard in shards
        }

    def forget(self, campaign_id: int) -> None:
        """Forget a campaign that is over; what was due of it was settled otherwise."""
        for campaigns in self._waiting.values():
            campaigns.pop(campaign_id, None)
        self._forget_the_empty()

    def _until(self, now: datetime) -> list[datetime]:
        return [moment for moment in self._moments if moment <= now]

    def _forget_the_empty(self) -> None:
        while self._moments and not self._waiting[self._moments[0]]:
            del self._waiting[heappop(self._moments)]
