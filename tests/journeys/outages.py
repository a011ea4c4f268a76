"""Outages of the parts a machine leans on: its broker and its database, killed, held still and back again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.clusters import SERVER_USER, find_binaries, postgres_cluster
from tests.journeys.house import House, open_house
from tests.journeys.machine import Redis
from tests.waiting import until


@dataclass
class Standing:
    """A house, and what one may do to its broker and its database."""

    house: House
    redis: Redis | None

    def slow_down(self, delay_ms: int) -> None:
        """Have the SMTP server take a message per connection and so many milliseconds."""
        self.house.server.obey({"@server": {"delay_ms": delay_ms}})

    def signal_broker(self, number: signal.Signals) -> None:
        """Send a signal to the broker."""
        os.kill(self._broker_id(), number)

    def bring_broker_back(self) -> None:
        """Start a killed broker again; the embedded one is its supervisor's."""
        if self.redis is not None:
            self.redis.stop()
            self.redis.start()

    def kill_database(self) -> None:
        """Kill the PostgreSQL server and all its processes with SIGKILL."""
        rows = self._cluster() / "rows"
        postmaster = int((rows / "postmaster.pid").read_text().split()[0])
        # Held still first, so that it brings forth nobody who would survive it.
        os.kill(postmaster, signal.SIGSTOP)
        victims = [postmaster, *_children_of(postmaster)]
        for process_id in victims:
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        until(lambda: not any(map(_lives, victims)), "PostgreSQL is dead")

    def bring_database_back(self) -> None:
        """Start the PostgreSQL server again, with the options it had; it recovers what was committed."""
        folder, binaries = self._cluster(), find_binaries()
        assert binaries is not None
        # Where nobody reaps orphans at once, a dead server's number still looks alive.
        for lock in (folder / "rows" / "postmaster.pid", *folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()
        as_root = os.geteuid() == 0
        with (folder / "log").open("ab") as log:
            subprocess.run(
                [str(binaries / "pg_ctl"), "-D", str(folder / "rows"), "-w", "restart"],
                user=SERVER_USER if as_root else None,
                group=SERVER_USER if as_root else None,
                extra_groups=[] if as_root else None,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                check=True,
            )

    def _cluster(self) -> Path:
        return Path(str(make_url(self.house.machine.database_url).query["host"]))

    def _broker_id(self) -> int:
        if self.redis is not None:
            return self.redis.process.pid
        # A server that renames itself overwrites its environment, so it is known by its command line.
        with self.house.ports() as ports:
            (found,) = _servers_of(str(ports.settings.broker_socket).encode())
        return found


@contextmanager
def standing_house(folder: Path, *, on_postgres: bool) -> Iterator[Standing]:
    """Run a house on the embedded set or on PostgreSQL and redis-server, behind a proxy that it trusts."""
    with ExitStack() as stack:
        redis, environment = None, {"TRUSTED_PROXIES": "1"}
        if on_postgres:
            redis = Redis(folder)
            redis.start()
            stack.callback(redis.stop)
            environment["DATABASE_URL"] = stack.enter_context(postgres_cluster(durable=True))
            environment["REDIS_URL"] = redis.url
        yield Standing(open_house(stack, folder, **environment), redis)


def _servers_of(mark: bytes) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            line = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            found += [int(entry.name)] if mark in line and b"-server" in line else []
    return found


def _children_of(parent: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _lives(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
