"""One campaign from first claim to last outcome, measured from outside; what it cannot vouch for it voids.

It is scheduled, launched by the tick, planned by a worker and sent as in life. The clock begins with the
first claim and stops when another connection sees the last outcome committed; CPU time is counted from the
last look before sending began, so that it includes compiling the editions.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, or_, select

from bench import audience, content, processes
from bench.installation import SELECTOR, Installation
from bench.readings import Meter, Reading
from bench.scenarios import SMALL, Scenario
from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign, Edition
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.rings import ring
from tests.waiting import until

OTHERS: Final = ("web", "service", "rest")
SMALL_OCTETS: Final = 2000
GLANCE_S: Final = 0.05
# To count connections takes ten milliseconds of a core that the senders share.
LOOKS_BETWEEN: Final = 20
PLANNED_S, FINISHED_S = 900.0, 3600.0
# A session of PostgreSQL that falls idle tells its statistics at the latest so many seconds later.
IDLE_REPORT_S: Final = 11.0
OPEN: Final = select(
    or_(
        *(
            exists().where(Delivery.campaign_id == bindparam("id"), Delivery.state == state)
            for state in ("queued", "claimed", "deferred")
        )
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one campaign took; CPU and database times are milliseconds per message."""

    readers: int
    octets: int
    planning_s: float
    seconds: float
    per_second: float
    sink_taken: int
    senders_ms: float
    database_ms: float
    sink_ms: float
    others_ms: float
    statements_ms: float | None
    peak_mb: float
    connections: int
    outcomes: dict[str, int]
    void: str


def measure(installation: Installation, scenario: Scenario, *, statements: bool = False) -> Measured:
    """Send a tip as ``scenario`` says and return what it took; ``statements`` asks for database time."""
    sending = _Sending(installation, scenario)
    before = sending.plan()
    worked = installation.database_ms()
    connections = sending.watch()
    ended, used = datetime.now(UTC), sending.used_since(before)
    if statements and worked is not None:
        time.sleep(IDLE_REPORT_S)
        worked = (installation.database_ms() or worked) - worked
    sending.see_it_finished()
    return sending.measured(used, ended, connections, worked if statements else None)


def why_void(readers: int, outcomes: dict[str, int], taken: int, *, is_whole: bool) -> str:
    """Return why a run tells nothing, or nothing: somebody was not mailed, or a process is not the same."""
    if outcomes != {"accepted": readers}:
        return f"of {readers} readers became {outcomes}"
    if taken != readers:
        return f"the sink counted {taken} messages for {readers} readers"
    return "" if is_whole else "a process ended or began meanwhile"


class _Sending:
    """A campaign to the readers of one audience."""

    def __init__(self, installation: Installation, scenario: Scenario) -> None:
        self._installation, self._readers = installation, scenario.readers
        self._signed_by = SELECTOR if scenario.dkim else ""
        self._ports, self._meter = installation.ports, Meter(installation)
        self._planned_at = now = self._ports.clock()
        self._taken_before, self._peak_kb = installation.sink.taken(), 0
        with self._ports.unit_of_work() as session:
            notice, settings = audience.notice_of(session, scenario.readers), self._ports.settings
            tip = content.save_tip(session, installation.next_number(), notice, now)
            self._mail = content.Mail(tip, notice, scenario.size, settings.public_url, settings.mail_from)
            self._campaign_id = campaigns.schedule(session, tip, due_at=now, by="bench", now=now).id
            ring(session, "bulk_tick")

    def plan(self) -> Reading:
        """Wait until every delivery is planned; return the last reading from before that was seen."""
        deadline = time.monotonic() + PLANNED_S
        while True:
            before, state = self._meter.read(), self._state()
            if state in ("sending", "finished"):
                self._planned_at = self._ports.clock()
                return before
            if state == "paused" or time.monotonic() > deadline:
                raise RuntimeError(f"the campaign is {state} and not sent")
            if self._mail.size == SMALL:
                self._write_small_editions()
            time.sleep(GLANCE_S)

    def watch(self) -> int:
        """Wait for the last outcome; return the most connections the sink had at once."""
        most, glance, is_open = 0, 0, True
        while is_open:
            # The sink's own count costs nothing; to ask the ledger costs the database a tenth of a core.
            if looks := glance % LOOKS_BETWEEN == 0:
                self._peak_kb = max(self._peak_kb, *map(processes.share_kb, self._meter.running["bulk"]))
                most = max(most, processes.connections_to(self._installation.sink.port))
            if looks or self._sink_has_all():
                is_open = self._is_open()
            glance += 1
            time.sleep(GLANCE_S)
        # A small campaign is over before the second look; connections are kept behind it.
        return max(most, processes.connections_to(self._installation.sink.port))

    def used_since(self, before: Reading) -> Reading:
        """Return what was used since ``before``."""
        return self._meter.read().since(before)

    def see_it_finished(self) -> None:
        """Wait for the tick to end the campaign."""
        until(lambda: self._state() == "finished", "the tick ends the campaign", FINISHED_S)

    def measured(self, used: Reading, ended: datetime, connections: int, worked: float | None) -> Measured:
        """Return what it took; ``worked`` is the database's time in milliseconds."""
        outcomes, octets = self._outcomes(), self._mean_octets()
        seconds, per = (ended - self._first_claim()).total_seconds(), 1 / self._readers
        return Measured(
            readers=self._readers,
            octets=octets,
            planning_s=(self._planned_at - self._campaign().started_at).total_seconds(),
            seconds=seconds,
            per_second=self._readers / seconds,
            sink_taken=used.taken,
            senders_ms=used.cpu["bulk"] * per,
            database_ms=used.cpu["database"] * per,
            sink_ms=used.cpu["sink"] * per,
            others_ms=sum(used.cpu[part] for part in OTHERS) * per,
            statements_ms=worked * per if worked is not None else None,
            peak_mb=self._peak_kb / 1024,
            connections=connections,
            outcomes=outcomes,
            void=why_void(self._readers, outcomes, used.taken, is_whole=self._meter.is_whole())
            or self._why_other_mail(octets),
        )

    def _write_small_editions(self) -> None:
        """Compile the editions that are new before a worker does."""
        fresh = select(Edition.id).where(Edition.campaign_id == self._campaign_id, Edition.compiled.is_(None))
        for row in self._installation.rows(fresh):
            with self._ports.unit_of_work() as session:
                edition = session.get_one(Edition, row[0])
                if edition.compiled is None:
                    language = as_language(edition.language)
                    edition.compiled = self._mail.compiled(session, language, edition.id)
                    edition.signed_by = self._signed_by

    def _why_other_mail(self, octets: int) -> str:
        """Return how what was sent differs from what was to be measured, or nothing."""
        if self._mail.size == SMALL and octets > SMALL_OCTETS:
            return "a worker compiled the mail before we made it small"
        asked = select(Edition.signed_by).where(Edition.campaign_id == self._campaign_id).distinct()
        signed_by = [row[0] for row in self._installation.rows(asked)]
        return "" if signed_by == [self._signed_by] else f"the mails were signed by {signed_by}"

    def _mean_octets(self) -> int:
        """Return how long a mail is, on the average of the readers."""
        asked = (
            select(Edition.compiled, func.count())
            .join(Delivery, Delivery.edition_id == Edition.id)
            .where(Edition.campaign_id == self._campaign_id, Delivery.campaign_id == self._campaign_id)
            .group_by(Edition.id)
        )
        found = self._installation.rows(asked)
        octets: int = sum(content.octets_of(row[0]) * row[1] for row in found)
        return round(octets / self._readers)

    def _sink_has_all(self) -> bool:
        return self._installation.sink.taken() - self._taken_before >= self._readers

    def _is_open(self) -> bool:
        return bool(self._installation.rows(OPEN, id=self._campaign_id)[0][0])

    def _outcomes(self) -> dict[str, int]:
        mine = Delivery.campaign_id == self._campaign_id
        counted = select(Delivery.state, func.count()).where(mine).group_by(Delivery.state)
        return {row[0]: row[1] for row in self._installation.rows(counted)}

    def _first_claim(self) -> datetime:
        first = select(func.min(Delivery.first_attempt_at)).where(Delivery.campaign_id == self._campaign_id)
        at: datetime = self._installation.rows(first)[0][0]
        return at

    def _state(self) -> str:
        return str(self._campaign().state)

    def _campaign(self) -> Any:
        asked = select(Campaign.state, Campaign.started_at).where(Campaign.id == self._campaign_id)
        return self._installation.rows(asked)[0]
