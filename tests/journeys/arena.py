"""Where chaos rounds take place: whole processes on one or two hosts, that one can kill and bring back."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config import Settings
from newsletter_app import campaigns, tips
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.kernel.base import READ_ONLY
from newsletter_app.kernel.rings import ring
from newsletter_app.notices import find_by_key
from newsletter_app.ports import Ports, open_ports
from tests.clusters import postgres_cluster
from tests.factories.content import make_draft
from tests.fakes.smtp_server import SmtpServerProcess
from tests.journeys.accounts import Taken
from tests.journeys.hosts import Host, Process
from tests.journeys.house import House
from tests.journeys.machine import Machine, Redis, may_rename
from tests.journeys.outages import Standing
from tests.journeys.readers import DOMAIN, add_readers
from tests.journeys.windows import Journals
from tests.waiting import POLL_S, until

LATE_S = 60.0
OTHER_HOST = "other-host"


@dataclass(frozen=True, slots=True)
class Size:
    """How many readers, how many bulk workers on the first host, and what slows the SMTP server down."""

    readers: int
    bulk: int = 2
    slow: tuple[str, ...] = ("--stall-ms", "40")


@dataclass
class Arena:
    """Hosts that share a database and a broker, the SMTP server they write to, and what is down just now."""

    hosts: list[Host]
    standing: Standing
    server: SmtpServerProcess
    ports: Ports
    taken: Taken
    journals: Journals
    readers: int
    _pending: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    @property
    def is_embedded(self) -> bool:
        """Whether it has the embedded broker and SQLite."""
        return self.standing.redis is None

    def processes(self, mark: str) -> list[Process]:
        """Return the living processes with ``mark`` in their command line, host by host."""
        return [process for host in self.hosts for process in host.processes(mark)]

    def send_tip(self, number: int) -> None:
        """Write a short tip in both languages and send it to everybody now."""
        with self.ports.unit_of_work() as session:
            notice, now = find_by_key(session, "tips"), self.ports.clock()
            assert notice is not None
            tip = tips.save_draft(session, make_draft(number, "en"), notice=notice, now=now).tip
            tips.save_draft(session, make_draft(number, "fr"), notice=notice, now=now, into=tip)
            campaigns.schedule(session, tip, due_at=now, by="eve@example.org", now=now)
            ring(session, "bulk_tick")

    def rows(self, statement: str, **values: object) -> Sequence[dict[str, Any]]:
        """Ask the database."""
        with self.ports.engine.execution_options(**{READ_ONLY: True}).connect() as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

    def is_finished(self, number: int) -> bool:
        """Tell whether the campaign of a tip has nothing left to send."""
        asked = "SELECT state FROM campaigns WHERE occurrence = :occurrence"
        return self.rows(asked, occurrence=f"tip:{number}")[0]["state"] == "finished"

    def newest_sender(self) -> int:
        """Return the id of the bulk worker that began last."""
        newest: int = self.rows("SELECT coalesce(max(id), 0) AS id FROM senders WHERE kind = 'bulk'")[0]["id"]
        return newest

    def closed(self) -> int:
        """Return how many connections ended without QUIT so far."""
        return len(self.server.log("closed"))

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something in so many seconds, while we wait for other things."""
        self._pending.append((time.monotonic() + seconds, action))

    def bring_all_back(self) -> None:
        """Do now what was put off."""
        while self._pending:
            self._pending.pop(0)[1]()

    def until(
        self, question: Callable[[], Any], what: str, within: float = LATE_S, *, every: float = POLL_S
    ) -> None:
        """Wait, and do meanwhile what was put off. Fails naming ``what``."""

        def ask() -> Any:
            for due, action in [one for one in self._pending if one[0] <= time.monotonic()]:
                self._pending.remove((due, action))
                action()
            return question()

        until(ask, what, within, every=every)

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass."""
        moment = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= moment, "a moment", every=0.002)


def open_arena(stack: ExitStack, folder: Path, size: Size, *, embedded: bool) -> Arena:
    """Start everything and add the readers; on the larger set a second host helps to send.

    When the stack closes, all ends in order, and the logs are searched for readers.
    """
    server = stack.enter_context(SmtpServerProcess(folder, None, "--keep", "", *size.slow))
    environment = {name: secrets.token_hex(32) for name in ("SECRET_KEY", "LINK_KEYS", "HASH_KEY")}
    environment["SMTP_URL"] = f"smtp://127.0.0.1:{server.port}?starttls=off"
    redis = None if embedded else _share(stack, folder, environment)
    house = House(Machine(folder, **environment), server=server, mails=folder)
    hosts = [Host(house.machine, ("--only", "broker,service,bulk,beat", "--bulk", str(size.bulk)))]
    _run(stack, hosts[0])
    ports = _ports(stack, house.machine)
    until(lambda: _ticks(ports), "the first tick", LATE_S)
    house.found()
    add_readers(house, size.readers)
    if not embedded:
        hosts.append(Host(_other(folder, house.machine), ("--only", "bulk")))
        _run(stack, hosts[1])
    folders = [Path(host.machine.environment["DATA_DIR"], "journals") for host in hosts]
    return Arena(hosts, Standing(house, redis), server, ports, Taken(house), Journals(folders), size.readers)


def _share(stack: ExitStack, folder: Path, environment: dict[str, str]) -> Redis:
    """Start what hosts share, a durable PostgreSQL and a redis-server, and name them in the environment."""
    environment["DATABASE_URL"] = stack.enter_context(postgres_cluster(durable=True))
    redis = Redis(folder)
    redis.start()
    stack.callback(redis.stop)
    environment["REDIS_URL"] = redis.url
    return redis


def _other(folder: Path, machine: Machine) -> Machine:
    """Return another host's machine: the same settings, a folder and, if that can be, a name of its own."""
    (folder / "other").mkdir()
    shared = {name: value for name, value in machine.environment.items() if name not in ("HOME", "DATA_DIR")}
    return Machine(folder / "other", OTHER_HOST if may_rename() else "", **shared)


def _ports(stack: ExitStack, machine: Machine) -> Ports:
    settings = Settings.from_env(machine.environment, read_dotenv=False)
    ports = open_ports(settings, CeleryRinger(settings.broker_url))
    stack.callback(ports.engine.dispose)
    return ports


def _ticks(ports: Ports) -> bool:
    """Tell whether the database is prepared and the processes run."""
    with suppress(DBAPIError), ports.engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM heartbeats WHERE name = 'bulk_tick'")))
    return False


def _run(stack: ExitStack, host: Host) -> None:
    stack.callback(_stop, host)
    host.start()


def _stop(host: Host) -> None:
    host.machine.stop()
    # A few thousand readers, one domain: none of them may stand in a log.
    assert f"@{DOMAIN}" not in host.machine.log.read_text(errors="replace"), (
        f"{host.machine.log} tells readers"
    )
