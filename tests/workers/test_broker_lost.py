"""A worker whose broker dies at the worst moment goes on when it is back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from config import ROOT, Settings
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.adapters.embedded_broker import find_binary
from newsletter_app.adapters.launcher import children
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.rings import Ring
from tests.fakes.relay import Relay, relay
from tests.journeys.machine import free_port, listens
from tests.waiting import until

pytestmark = [pytest.mark.journey]
ACKNOWLEDGES = b"HDEL"
TICK = Ring("service_tick")
WITHIN_S = 60


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """Run a broker that keeps nothing, and give its port."""
    port = free_port()
    command = [find_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until(lambda: listens(port), "the broker listens")
    yield port
    process.terminate()
    process.wait(10)


@pytest.fixture
def breaking(broker: int) -> Iterator[Relay]:
    """Give a way to the broker that breaks whenever a worker acknowledges a task."""
    with relay(broker, ACKNOWLEDGES) as one:
        yield one


@pytest.fixture
def worker_log(tmp_path: Path, sqlite_url: URL, breaking: Relay) -> Iterator[Path]:
    """Run a service worker that reaches its broker over the breaking way, and give its log."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": str(sqlite_url),
        "REDIS_URL": f"redis://127.0.0.1:{breaking.port}/0",
    }
    (service,) = children(Settings.from_env(environment, read_dotenv=False))["service"]
    path = tmp_path / "worker.log"
    with path.open("wb") as log:
        process = subprocess.Popen(service.command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    yield path
    process.terminate()
    process.wait(20)


def test_acknowledgements_that_were_lost_silence_nobody(
    broker: int, breaking: Relay, worker_log: Path, sqlite_url: URL
) -> None:
    """Celery goes on counting such tasks as in work: under a limit, no other would come after the second."""
    ring, engine = CeleryRinger(f"redis://127.0.0.1:{broker}/0"), make_engine(sqlite_url)

    def ticks() -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(text("SELECT at FROM heartbeats WHERE name = 'service_tick'")))

    seen: list[str] = []
    for lost in (1, 2, 3):
        ring(TICK)
        seen = until(partial(_other_than, ticks, seen), f"tick {lost} runs; see {worker_log}", WITHIN_S)
        until(partial(_has_lost, worker_log, lost), f"acknowledgement {lost} is lost")
        breaking.mend()
    engine.dispose()


def _other_than(question: Callable[[], list[str]], answer: list[str]) -> list[str]:
    fresh = question()
    return fresh if fresh != answer else []


def _has_lost(log: Path, number: int) -> bool:
    """Say whether the worker has lost the acknowledgement and given up the connection that it was for.

    Before it connects anew it puts the task back, over the old way, with the very word at which the way
    breaks: mended any sooner, that way would break once more, and for good.
    """
    parts = log.read_text().split("Couldn't ack")
    return len(parts) == number + 1 and "Cannot connect" in parts[number]
