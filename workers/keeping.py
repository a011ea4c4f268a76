"""Once a night, what was kept long enough is let go of; the service worker's tick asks whether it is time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from newsletter_app import ledger, organisation, privacy
from newsletter_app.kernel import departures
from workers.base import Process

NAME: Final = "retention"
# A day begins here when nobody signs up or writes: at 3 o'clock where the organisation is.
NIGHT: Final = timedelta(hours=3)

_log = structlog.get_logger("keeping")


def let_go_nightly(process: Process) -> None:
    """Let go of what is over, unless that was done since 3 o'clock; two workers at once do no harm."""
    now = process.clock()()
    with process.ports.unit_of_work() as session:
        last = ledger.last_beat(session, NAME)
        day = organisation.local_day(session, now - NIGHT)
        if last is not None and organisation.local_day(session, last - NIGHT) >= day:
            return
        ledger.beat(session, NAME, now)
    ports = process.ports
    gone = privacy.let_go(
        ports.unit_of_work, hash_key=ports.settings.hash_key, now=now, stop=process.is_stopping
    )
    departures.sweep(ports.departures.folder, now)
    if gone:
        _log.info("retention", **gone)
