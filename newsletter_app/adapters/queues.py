"""Which queue each job waits in: ``service`` and ``bulk`` have worker processes of their own."""

from __future__ import annotations

from typing import Final

SERVICE: Final = "service"
BULK: Final = "bulk"
# Whoever is free takes the tick: behind a campaign's slices of 20 seconds it would be late, and a service
# mail may wait ten minutes for a mail server's answer.
TICK: Final = "tick"
QUEUES: Final[dict[str, str]] = {
    "decide_signups": SERVICE,
    "send_service_mails": SERVICE,
    "service_tick": SERVICE,
    "bulk_tick": TICK,
    "plan_campaign": BULK,
    "send_shard": BULK,
    "send_probe": BULK,
}
