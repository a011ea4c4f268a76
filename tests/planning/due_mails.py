"""When mails are due by the model, campaign by campaign and shard by shard, the first of each on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from newsletter_app.delivery import SHARDS


class DueMails:
    """Due times that wait; whether the mail is still to be sent then, a reader's life knows."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: dict[tuple[int, int], list[tuple[datetime, int]]] = defaultdict(list)

    def put(self, campaign_id: int, reader: int, due_at: datetime) -> None:
        """Keep in mind when a mail is due."""
        heappush(self._waiting[campaign_id, reader % SHARDS], (due_at, reader))

    def take(self, campaign_id: int, shard: int, now: datetime) -> Iterator[int]:
        """Yield the readers whose due time in a shard is over, and forget it."""
        waiting = self._waiting.get((campaign_id, shard), [])
        while waiting and waiting[0][0] <= now:
            yield heappop(waiting)[1]
        if not waiting:
            self._waiting.pop((campaign_id, shard), None)

    def firsts(self) -> list[datetime]:
        """Return the first due time of each shard."""
        return [waiting[0][0] for waiting in self._waiting.values()]

    def overdue(self, now: datetime) -> list[tuple[int, int]]:
        """Return the campaigns and shards with something due."""
        return [place for place, waiting in self._waiting.items() if waiting[0][0] <= now]
