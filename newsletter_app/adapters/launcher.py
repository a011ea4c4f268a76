"""The launcher: from settings to a running product, in order; a refusal is one sentence, no traceback."""

from __future__ import annotations

import errno
import http.client
import socket
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from typing import Final, TextIO

from config import ROOT, Settings
from newsletter_app.adapters import embedded_broker
from newsletter_app.adapters.embedded_broker import BrokerUnavailable
from newsletter_app.adapters.instance_lock import PARTS, AlreadyRunning, InstanceLock
from newsletter_app.adapters.preloading import preload
from newsletter_app.adapters.queues import TICK
from newsletter_app.adapters.supervisor import Child, GaveUp, Supervisor
from newsletter_app.kernel.listening import Place

BROKER_START_S: Final = 15.0
ORPHAN_S: Final = 10.0
FIRST_ANSWER_S: Final = 60.0
# Each may keep a connection to the database: ``kernel.base.POOL_SIZE`` is no less.
THREADS: Final = 8
WORKERS, BEAT = "workers.celery_app", "workers.beat_app"
ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, not bound.


class Refused(Exception):
    """The product cannot start; the text is one sentence that says what to do."""


def run(settings: Settings, only: Collection[str], out: TextIO, bulk: int = 1) -> int:
    """Run the parts named in ``only``, with ``bulk`` senders of tips, until asked to stop; return the status.

    Raises Refused before anything was started, AlreadyRunning when another run holds this DATA_DIR.
    """
    parts = _parts(settings, only)
    try:
        lock = InstanceLock(settings.data_dir, parts)
    except OSError as fault:
        raise Refused(f"DATA_DIR {settings.data_dir} cannot be written to ({fault.strerror}).") from fault
    with closing(lock):
        if "web" in parts:
            claim_port(settings.host, settings.port)
        if "feedback" in parts:
            _claim_place(settings.bounce_listen)
        supervisor = Supervisor(cwd=ROOT, out=out, keep_open=lock.descriptors)
        supervisor.obey_signals()
        try:
            return _run_parts(supervisor, children(settings, bulk), settings, parts)
        except (GaveUp, BrokerUnavailable) as fault:
            supervisor.say(str(fault))
            return 1
        finally:
            supervisor.say("Stopping.")
            supervisor.stop()


def claim_port(host: str, port: int) -> None:
    """Return if ``host:port`` can be listened on. Raises Refused with what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen(1)
    except OSError as fault:
        raise Refused(_port_sentence(fault, host, port)) from fault


def _parts(settings: Settings, only: Collection[str]) -> list[str]:
    """Return the parts to run: those asked for that these settings have. Raises Refused for none."""
    has = {"broker": settings.redis_url is None, "feedback": settings.bounce_listen is not None}
    parts = [part for part in PARTS if part in only and has.get(part, True)]
    if set(only) == {"feedback"} and not parts:
        raise Refused("BOUNCE_LISTEN is not set: name the place to listen at, as in 127.0.0.1:8025.")
    return parts


def _claim_place(place: Place | None) -> None:
    if place is None or place.path:
        return
    try:
        claim_port(place.host, place.port)
    except Refused as fault:
        raise Refused(f"BOUNCE_LISTEN is {place}, which cannot be opened: choose another place.") from fault


def children(settings: Settings, bulk: int = 1) -> dict[str, list[Child]]:
    """Return the product's own processes by part, in the order of their start and stop."""
    bulk_names = ["bulk", *(f"bulk-{number}" for number in range(2, bulk + 1))]
    return {
        "web": [Child("web", _web(settings), forked=True)],
        "service": [Child("service", _worker(settings, "service", "service"), forked=True)],
        "bulk": [Child(name, _worker(settings, "bulk", name), forked=True) for name in bulk_names],
        "beat": [Child("beat", _beat(settings), forked=True)],
        "feedback": [Child("feedback", [sys.executable, "-m", "newsletter_app.intake"], forked=True)],
    }


def _run_parts(
    supervisor: Supervisor, known: Mapping[str, list[Child]], settings: Settings, parts: list[str]
) -> int:
    wanted = [child for part, some in known.items() if part in parts for child in some]
    if "broker" in parts:
        _start_broker(supervisor, settings)
    if wanted:
        supervisor.may_fork = preload(parts)
    if "broker" in parts:
        _await_broker(supervisor, settings)
    if wanted and not supervisor.stop_asked:
        prepare = [sys.executable, "-m", "flask", "--app", "newsletter_app", "prepare"]
        # The link of the first start is a secret: a person may read it, a log may not hold it (S28).
        prepare += ["--on-terminal"] if sys.stdout.isatty() else []
        if supervisor.run(Child("prepare", prepare, forked=True)) != 0 and not supervisor.stop_asked:
            supervisor.say("The database could not be prepared; the reason stands above.")
            return 1
    if supervisor.stop_asked:
        return 0
    supervisor.start(*wanted)
    if "web" in parts:
        _greet_when_ready(supervisor, settings)
    supervisor.watch()
    return 0


def _start_broker(supervisor: Supervisor, settings: Settings) -> None:
    command = embedded_broker.command(settings)
    embedded_broker.end_orphan(settings, ORPHAN_S)
    supervisor.start(Child("broker", command, last=True))


def _await_broker(supervisor: Supervisor, settings: Settings) -> None:
    def take_a_turn() -> bool:
        supervisor.turn()
        return not supervisor.stop_asked

    embedded_broker.wait_until_ready(settings, BROKER_START_S, take_a_turn)


def _greet_when_ready(supervisor: Supervisor, settings: Settings) -> None:
    deadline = time.monotonic() + FIRST_ANSWER_S
    while not _answers(settings) and not supervisor.stop_asked:
        supervisor.turn()
        if time.monotonic() > deadline:
            raise GaveUp(f"The web process did not answer within {FIRST_ANSWER_S:.0f} seconds.")
    if supervisor.stop_asked:
        return
    lines = [f"The newsletter is at   {settings.public_url}"]
    if settings.is_tryout:
        lines.append(
            f"Its mails are kept at  {settings.public_url}/outbox  (try-out: none leaves this machine)"
        )
    lines += [f"Its data is in         {settings.data_dir}", "Ctrl-C stops it."]
    supervisor.say("\n" + "\n".join(lines) + "\n")


def _answers(settings: Settings) -> bool:
    # Asked of the process itself, not of PUBLIC_URL, which may be a proxy's. 503 says that a tick is
    # late, as it is before the first one.
    host = ANY_ADDRESS.get(settings.host, settings.host)
    with closing(http.client.HTTPConnection(host, settings.port, timeout=2)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status in (200, 503)
        except (OSError, http.client.HTTPException):
            return False


def _web(settings: Settings) -> list[str]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    # No access log: addresses of token pages are secrets (S10). Forwarded headers are believed by
    # nobody here; TRUSTED_PROXIES decides in the application (S19).
    return [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread"),
        *("--workers", str(settings.web_processes), "--threads", str(THREADS)),
        *("--bind", f"{host}:{settings.port}", "--forwarded-allow-ips", "", "--graceful-timeout", "5"),
        *("--no-control-socket", "--log-level", "warning", "newsletter_app:create_app()"),
    ]


def _worker(settings: Settings, queue: str, name: str) -> list[str]:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    node = ("-Q", f"{queue},{TICK}", "-n", f"{name}@%h", "--pool", "solo")
    return [*_celery(WORKERS), "worker", *node, *quiet, "--loglevel", _level(settings)]


def _beat(settings: Settings) -> list[str]:
    # The schedule is in memory: each tick is harmless twice and forgotten, so no file is kept.
    return [*_celery(BEAT), "beat", "-S", "celery.beat:Scheduler", "--loglevel", _level(settings)]


def _celery(app: str) -> list[str]:
    # Its warning about root concerns pickle, which is never accepted here.
    python = (sys.executable, "-W", "ignore:You're running the worker with superuser")
    return [*python, "-m", "celery", "--quiet", "-A", app]


def _level(settings: Settings) -> str:
    # Celery's own INFO is four lines per tick, every two seconds.
    return "WARNING" if settings.log_level == "INFO" else settings.log_level


def _port_sentence(fault: OSError, host: str, port: int) -> str:
    if fault.errno == errno.EADDRINUSE:
        other = port % 60000 + 1
        return f"Port {port} on {host} is taken by another program: choose a free one, as in PORT={other}."
    if fault.errno == errno.EACCES:
        return f"Port {port} is kept for the system's own programs: choose one above 1023, as in PORT=8000."
    return f"HOST is {host}, which is no address of this machine: choose 127.0.0.1."


__all__ = ["AlreadyRunning", "Refused", "children", "claim_port", "run"]
