"""What a few people did is told from their own records, however many there are of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from newsletter_app import figures
from newsletter_app.figures import ALL, Change
from tests.factories.people import three_notices

PEOPLE, TODAY = 20_000, 1_000
RECORDS = """
INSERT INTO consent_records (subscriber_id, address_key, notice_id, act, consent, source, wording, language,
                             page_url, at)
SELECT n, 'key-' || n, 1, 'confirmed', 'express', 'form', 'Choose notices to receive.', 'en', '',
       CASE WHEN n > :before THEN CAST(:now AS timestamptz) ELSE CAST(:earlier AS timestamptz) END
FROM generate_series(1, :people) n
"""


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_nobody_elses_records_are_read(session: Session, now: datetime) -> None:
    three_notices(session, now)
    values = {"people": PEOPLE, "before": PEOPLE - TODAY, "now": now, "earlier": now - timedelta(days=9)}
    session.execute(text(RECORDS), values)
    session.execute(text("ANALYZE consent_records"))
    steps: list[dict[str, Any]] = []

    def explain(connection: Connection, _cursor: object, sql: str, given: Any, *_rest: object) -> None:
        steps.extend(_explained(connection, sql, given))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", explain)
    assert figures.changes(session, now) == dict.fromkeys((ALL, 1), Change(TODAY, 0))
    event.remove(connection, "before_cursor_execute", explain)
    kinds = {step["Node Type"] for step in steps if step.get("Relation Name") == "consent_records"}
    assert kinds
    assert "Seq Scan" not in kinds


def _explained(connection: Connection, sql: str, given: Any) -> list[dict[str, Any]]:
    cursor = connection.connection.cursor()
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", given)
    (told,) = cursor.fetchone() or ("[]",)
    root = told if isinstance(told, list) else json.loads(told)
    return list(_steps(root[0]["Plan"]))


def _steps(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _steps(below)
