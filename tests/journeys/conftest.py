"""Fixtures of the journeys: a machine with a real SMTP server, on the embedded set or on the larger one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clusters import postgres_cluster
from tests.journeys.house import House, open_house
from tests.journeys.machine import redis_server

__all__ = ["House", "house", "open_house"]


@pytest.fixture(params=["embedded", pytest.param("postgres and redis", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Give a running machine with an organisation and two notices, on each set in turn."""
    with ExitStack() as stack:
        if request.param == "embedded":
            yield open_house(stack, tmp_path)
        else:
            database_url = stack.enter_context(postgres_cluster(durable=True))
            redis_url = stack.enter_context(redis_server(tmp_path))
            yield open_house(stack, tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url)
