"""Pictures ask both databases the same plain questions, so one of them is enough here."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import URL


@pytest.fixture
def database_url(sqlite_database: URL) -> URL:
    """Give SQLite alone."""
    return sqlite_database
