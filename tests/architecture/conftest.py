"""Databases with nothing in them, for the migrations to fill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from newsletter_app.kernel.base import make_engine


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on a database without a table: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        engine = make_engine(_fresh_postgres(request))
    yield engine
    engine.dispose()


def _fresh_postgres(request: pytest.FixtureRequest) -> str:
    url = request.getfixturevalue("postgres_url")
    name = f"empty_{abs(hash(request.node.nodeid))}"
    admin = make_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    rendered: str = url.set(database=name).render_as_string(hide_password=False)
    return rendered
