"""The product as it is measured: its database, its readers, its processes; started and stopped as in life."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Executable, text

from bench import audience, content, processes
from bench.delay_proxy import far_away
from bench.scenarios import CONNECTIONS
from bench.sink import Sink
from config import Settings
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.kernel.base import READ_ONLY
from newsletter_app.ports import Ports, open_ports
from tests.clusters import postgres_cluster
from tests.journeys.house import Organised
from tests.journeys.machine import Machine, redis_server

SELECTOR: Final = "bench"
LAST_WORDS: Final = 4000
SHARED_BUFFERS: Final = "1GB"
# The parts of the product by what their command lines hold; what is left is "rest": beat, broker, launcher.
PARTS: Final = {"bulk": "-Q bulk", "service": "-Q service", "web": "gunicorn"}
ADVERTISED: Final = {
    "postgresql": ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers"),
    "sqlite": ("synchronous", "journal_mode"),
}


class Installation:
    """One installed product with its readers; ``running`` starts its processes."""

    def __init__(self, database: str, machine: Machine, sink: Sink, ports: Ports) -> None:
        """Keep the parts; ``open_installation`` makes them."""
        self.database, self.machine, self.sink, self.ports = database, machine, sink, ports
        self.sink_port = sink.port  # Where mail goes: the sink's own, or that of a proxy before it.
        self._next_number = 23

    def next_number(self) -> int:
        """Return a number that no tip has yet: a tip is mailed to a reader once, ever."""
        self._next_number += 1
        return self._next_number

    @contextmanager
    def running(
        self, bulk: int = 1, *, dkim: bool = False, delay_ms: int = 0, connections: int = CONNECTIONS
    ) -> Iterator[None]:
        """Run every process, with ``bulk`` senders, which sign (RSA-2048) or do not.

        Each opens ``connections`` to the sink, which is a round trip of ``delay_ms`` away.
        """
        self.machine.environment["DKIM_DIR"] = str(self._keys() if dkim else self.machine.folder / "no-keys")
        with far_away(self.sink.port, delay_ms) if delay_ms else nullcontext(self.sink.port) as port:
            self.sink_port = port
            self.machine.environment["SMTP_URL"] = smtp_url(port, connections)
            with self._started(bulk):
                yield

    @contextmanager
    def _started(self, bulk: int) -> Iterator[None]:
        self.machine.start(bulk=bulk)
        try:
            yield
        except BaseException:
            # The folder is about to go, and with it what the processes said.
            sys.stderr.write(self.machine.log.read_text(errors="replace")[-LAST_WORDS:])
            raise
        finally:
            self.machine.stop()

    def _keys(self) -> Path:
        """Return the folder with a key that signs, made when it is first asked for."""
        folder = self.machine.folder / "keys"
        self.machine.environment["DKIM_DIR"] = str(folder)
        if not folder.exists():
            for words in (("new", "--selector", SELECTOR), ("use", SELECTOR)):
                self.machine.flask("dkim", *words, "--by", "bench@example.org")
        return folder

    def processes(self) -> dict[str, list[int]]:
        """Return the ids of the product's processes that run now, by part."""
        found = {part: sorted(self.machine.process_ids(mark)) for part, mark in PARTS.items()}
        known = {pid for pids in found.values() for pid in pids}
        return {**found, "rest": sorted(set(self.machine.process_ids("")) - known)}

    def rows(self, statement: Executable, **values: object) -> Sequence[Any]:
        """Ask the database, in a transaction that cannot write and so holds up nobody."""
        engine = self.ports.engine.execution_options(**{READ_ONLY: True})
        with engine.connect() as connection:
            return connection.execute(statement, values).all()

    def durability(self) -> dict[str, str]:
        """Return the settings on which durability rests, as the database itself tells them."""
        show = "SHOW" if self.database == "postgresql" else "PRAGMA"
        return {name: str(self._ask(f"{show} {name}")) for name in ADVERTISED[self.database]}

    def version(self) -> str:
        """Return the database's name and version."""
        asked = "SHOW server_version" if self.database == "postgresql" else "SELECT sqlite_version()"
        return f"{self.database} {self._ask(asked)}"

    def database_process(self) -> int | None:
        """Return the process whose children are the database, or None where it lives in ours."""
        if self.database != "postgresql":
            return None
        return int(self._ask("SELECT pg_read_file('postmaster.pid')").splitlines()[0])

    def database_ms(self) -> float | None:
        """Return how long PostgreSQL's sessions have worked on statements, as far as they have told."""
        if self.database != "postgresql":
            return None
        asked = "SELECT active_time FROM pg_stat_database WHERE datname = current_database()"
        return float(self._ask(asked))

    def _ask(self, statement: str) -> Any:
        return self.rows(text(statement))[0][0]


@contextmanager
def open_installation(database: str, base: Path, folder: Path, sink: Sink) -> Iterator[Installation]:
    """Give an installation with an organisation in ``folder``, which holds nothing yet.

    PostgreSQL makes a folder of its own in ``base``, durable as in life, and runs beside Debian's
    redis-server where there is one; SQLite lies in DATA_DIR and has the embedded broker.
    """
    with ExitStack() as stack:
        environment = {"SMTP_URL": smtp_url(sink.port), "TRUSTED_PROXIES": "1"}
        if database == "postgresql":
            cluster = postgres_cluster(durable=True, below=base, shared_buffers=SHARED_BUFFERS)
            environment["DATABASE_URL"] = stack.enter_context(cluster)
            if shutil.which("redis-server"):
                environment["REDIS_URL"] = stack.enter_context(redis_server(folder))
        machine = Machine(folder, **environment)
        machine.flask("prepare")
        Organised(machine).found()
        settings = Settings.from_env(machine.environment, read_dotenv=False)
        ports = open_ports(settings, CeleryRinger(settings.broker_url))
        stack.callback(ports.engine.dispose)
        installation = Installation(database, machine, sink, ports)
        # Every mail that is measured leads to a tip before it, so that all are alike.
        content.publish_tip(ports, installation.next_number())
        yield installation


def smtp_url(port: int, connections: int = CONNECTIONS) -> str:
    """Return what SMTP_URL says of a server on this machine's ``port``."""
    return f"smtp://127.0.0.1:{port}?starttls=off&connections={connections}"


def add_readers(installation: Installation, sizes: Iterable[int]) -> None:
    """Add the readers of audiences of these sizes.

    PostgreSQL does at once what autovacuum would do soon, so that the first campaign is no exception.
    """
    audience.add_audiences(installation.ports, sizes)
    if installation.database == "postgresql":
        engine = installation.ports.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))


def filesystem(installation: Installation, base: Path) -> str:
    """Return the kind of filesystem that holds the database."""
    return processes.filesystem_of(
        base if installation.database == "postgresql" else installation.machine.folder
    )
