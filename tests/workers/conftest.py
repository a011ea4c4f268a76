"""A worker process within the test, on a small world of deliveries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.rings import Ring
from newsletter_app.media import DiskShelf
from newsletter_app.ports import Ports
from tests.delivery.conftest import World, clock, world
from workers.base import Process

__all__ = ["clock", "world"]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> URL:
    """Give SQLite, unless a test asks: PostgreSQL shows a process its own clock, which no test moves."""
    url: URL = request.getfixturevalue(getattr(request, "param", "sqlite_database"))
    return url


@pytest.fixture
def process(
    world: World, engine: Engine, sessions: sessionmaker[Session], links: Links, rung: list[Ring]
) -> Iterator[Process]:
    """Give a worker of that world, whose mail goes to the outbox; it leaves in good order."""
    settings = Settings.from_env({"DATA_DIR": str(world.folder.parent)}, read_dotenv=False)
    shelf = DiskShelf(settings.data_dir / "media")
    ports = Ports(settings, links, world.clock, engine, sessions, world.unit_of_work, rung.append, shelf)
    process = Process(ports, "mail-1")
    assert process.journals == world.folder
    yield process
    process.leave()
