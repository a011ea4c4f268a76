"""What most tests of signing up begin with."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.factories.people import three_notices


@pytest.fixture
def chosen(session: Session, now: datetime) -> list[int]:
    """Give the ids of three notices."""
    return [notice.id for notice in three_notices(session, now)]
