"""A whole product as the processes it has in life: the launcher with web, workers, beat and broker."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import NullPool, text
from sqlalchemy.engine import Engine

from config import Settings
from newsletter_app.app import create_app
from newsletter_app.kernel.base import READ_ONLY, make_engine
from newsletter_app.kernel.rings import Ring
from tests.waiting import until

ROOT = Path(__file__).parents[2]
START_S, STOP_S = 90, 30
# What stands in the command line of a part, and of no other.
SERVICE, BULK, BEAT = "-Q service", "-Q bulk", "celery.beat:"


class Machine:
    """One installation in a folder of its own; ``with Machine(...)`` runs it."""

    def __init__(self, folder: Path, hostname: str = "", **environment: str) -> None:
        """Keep the environment; nothing is inherited but PATH, so that a run tells of the product alone.

        ``hostname`` is what its processes take this computer to be called, where the kernel lets us.
        """
        self.folder = folder
        self.hostname = hostname
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "machine.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DATA_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "PYTHONWARNINGS": "default",
            **environment,
        }
        self.database_url = environment.get("DATABASE_URL", f"sqlite:///{self.database}")
        self._launchers: list[subprocess.Popen[bytes]] = []

    def start(self, *only: str, bulk: int = 1) -> None:
        """Start a launcher of all parts or some; wait until the web answers, and with all, until all is well.

        Parts that were started apart ("web" first, the rest later) all end with ``stop``.
        """
        self.launch("--bulk", str(bulk), *(["--only", ",".join(only)] if only else []))
        question = self.is_well if not only else self.answers
        if not only or "web" in only:
            until(lambda: self._lives() and question(), f"the machine is well; see {self.log}", START_S)

    def launch(self, *options: str) -> None:
        """Start a launcher with these options; wait for nothing."""
        with self.log.open("ab") as log:
            launcher = subprocess.Popen(
                [*under_name(self.hostname), sys.executable, "-m", "newsletter_app", *options],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._launchers.append(launcher)

    def kill_launchers(self) -> None:
        """Kill the launchers with SIGKILL; their lifelines end what they had started."""
        while self._launchers:
            launcher = self._launchers.pop()
            launcher.kill()
            launcher.wait(STOP_S)

    def stop(self) -> None:
        """End it as an operator does, by SIGTERM, and see that it goes."""
        launchers, self._launchers = self._launchers, []
        for launcher in launchers:
            if launcher.poll() is None:
                launcher.terminate()
        for launcher in launchers:
            _see_it_go(launcher)

    def restore(self) -> None:
        """Start it again if a test left it stopped, and wait until every part works."""
        if not self._launchers:
            self.start()
        until(lambda: self._lives() and self.is_well(), f"the machine is well; see {self.log}", START_S)

    def flask(self, *words: str) -> str:
        """Run a command and return what it printed: in this process, since Python's start costs far more.

        The ticks find what it asks for; ``type`` runs it as life does.
        """
        settings = Settings.from_env(self.environment, read_dotenv=False)
        app = create_app(settings, ringer=ring_nobody)
        done = app.test_cli_runner().invoke(args=words)
        app.extensions["ports"].engine.dispose()
        assert done.exit_code == 0, f"flask {words}: {done.output}{done.exception!r}"
        return str(done.output)

    def type(self, *words: str) -> str:
        """Run a command as an operator types it and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "newsletter_app", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"flask {words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def process_ids(self, mark: str) -> list[int]:
        """Return the ids of this machine's processes whose command line holds ``mark`` ("-Q bulk")."""
        return [process_id for process_id, line in self.processes().items() if mark in line]

    def processes(self) -> dict[int, str]:
        """Return id → command line of this machine's living processes."""
        ours = b"DATA_DIR=" + self.environment["DATA_DIR"].encode() + b"\0"
        found = {}
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and ours in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def kill(self, mark: str, number: signal.Signals = signal.SIGKILL) -> list[int]:
        """Send ``number`` to the processes with ``mark`` in their command line; return their ids."""
        killed = self.process_ids(mark)
        for process_id in killed:
            with suppress(ProcessLookupError):
                os.kill(process_id, number)
        return killed

    @contextmanager
    def held(self, *marks: str) -> Iterator[None]:
        """Hold the processes with these marks still, one each, so that they do nothing meanwhile."""
        held = until(lambda: self._hold(marks), f"{marks} are held", every=0.1)
        try:
            yield
        finally:
            for process_id in held:
                os.kill(process_id, signal.SIGCONT)

    def _hold(self, marks: tuple[str, ...]) -> list[int]:
        """Hold them still and return their ids, or none of them if one is in the middle of writing."""
        held = [process_id for mark in marks for process_id in self.kill(mark, signal.SIGSTOP)]
        if len(held) == len(marks) and not self._is_being_written():
            return held
        for process_id in held:
            os.kill(process_id, signal.SIGCONT)
        return []

    def _is_being_written(self) -> bool:
        """Tell whether somebody has the embedded set's database for themselves."""
        with closing(sqlite3.connect(self.database, timeout=0.5, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
        return False

    @contextmanager
    def unattended(self) -> Iterator[None]:
        """Hold the launcher still, so that nothing that dies meanwhile is started again."""
        for launcher in self._launchers:
            launcher.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for launcher in self._launchers:
                launcher.send_signal(signal.SIGCONT)

    def rows(self, statement: str, **values: object) -> list[dict[str, Any]]:
        """Ask the database, in a transaction that cannot write and so waits for nobody."""
        with self.engine.execution_options(**{READ_ONLY: True}).connect() as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

    @property
    def database(self) -> Path:
        """The file of the embedded set's database."""
        return self.folder / "var" / "newsletter.sqlite3"

    @cached_property
    def engine(self) -> Engine:
        """An engine on the machine's database that keeps no connection, since the file may be replaced."""
        return make_engine(self.database_url, poolclass=NullPool)

    def health(self) -> dict[str, Any]:
        """Return what /healthz says, be it well or not, or nothing while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as answer:
            with answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def answers(self) -> bool:
        """Tell whether the web process answers."""
        return bool(self.health())

    def is_well(self) -> bool:
        """Tell whether every part works."""
        return self.health().get("status") == "ok"

    def _lives(self) -> bool:
        assert all(launcher.poll() is None for launcher in self._launchers), (
            f"a launcher ended:\n{self.log.read_text()[-3000:]}"
        )
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def under_name(hostname: str) -> list[str]:
    """Return what stands before a command that is to take this computer to be called ``hostname``."""
    return ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', hostname] if hostname else []


@cache
def may_rename() -> bool:
    """Tell whether the kernel lets us; in a container even root may not."""
    return subprocess.run([*under_name("other"), "true"], capture_output=True, check=False).returncode == 0


def ring_nobody(_ring: Ring) -> None:
    """Let the ticks find what was written."""


def _see_it_go(launcher: subprocess.Popen[bytes]) -> None:
    try:
        launcher.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait(STOP_S)
        raise


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


class Redis:
    """Debian's redis-server on a port of its own, with its file in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Choose the port; ``start`` starts it."""
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--appendonly", "yes"]

    def start(self) -> None:
        """Start it, or start it again on what it had kept."""
        # In a session of its own, so that a Ctrl-C that stops the whole run ends it last.
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)
        until(lambda: listens(self.port), "redis-server listens")

    def stop(self) -> None:
        """End it, unless it was killed, and wait until it has ended."""
        self.process.terminate()
        self.process.wait(STOP_S)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run Debian's redis-server on a port of its own and yield its URL."""
    redis = Redis(folder)
    redis.start()
    try:
        yield redis.url
    finally:
        redis.stop()


def listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
