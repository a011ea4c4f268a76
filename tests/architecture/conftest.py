"""Databases with nothing in them, for the migrations to fill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url
from sqlalchemy.engine import Engine

from newsletter_app.kernel.base import make_engine
from tests.clusters import database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on a database without a table: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        url = make_url(f"sqlite:///{tmp_path / 'empty.db'}")
        made: AbstractContextManager[URL] = nullcontext(url)
    else:
        made = database(request.getfixturevalue("postgres_url"), "empty")
    with made as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()
