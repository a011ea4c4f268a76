"""Which queue each job waits in: ``service`` and ``bulk`` have worker processes of their own."""

from __future__ import annotations

from typing import Final

SERVICE: Final = "service"
BULK: Final = "bulk"
# The ticks run with the service mails: behind a campaign's slices of 20 seconds they would be late.
QUEUES: Final[dict[str, str]] = {
    "decide_signups": SERVICE,
    "send_service_mails": SERVICE,
    "service_tick": SERVICE,
    "bulk_tick": SERVICE,
    "plan_campaign": BULK,
    "send_shard": BULK,
    "send_probe": BULK,
}
