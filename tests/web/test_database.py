"""The session of a request, when its database dies under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Response
from sqlalchemy import URL, Connection, event, text

from config import Settings
from newsletter_app import notices
from newsletter_app.extensions import db
from newsletter_app.web.database import session
from tests.web.conftest import World, set_up


@pytest.mark.postgres
def test_an_answer_that_is_ready_outlives_its_database(
    make_world: Callable[[Settings], World],
    settings: Settings,
    now: datetime,
    postgres_database: URL,
    postgres_admin: Connection,
) -> None:
    """What is rolled back behind the view must not take the page's place, nor its address be logged."""
    url = postgres_database.render_as_string(hide_password=False)
    world = make_world(replace(settings, database_url=url))
    set_up(world, now)

    def kill_the_connection(response: Response) -> Response:
        backend = session().scalar(text("SELECT pg_backend_pid()"))
        postgres_admin.execute(text("SELECT pg_terminate_backend(:it, 5000)"), {"it": backend})
        return response

    world.app.after_request_funcs.setdefault(None, []).append(kill_the_connection)
    assert world.get("/tips").status_code == 200  # S10
    world.app.after_request_funcs[None].remove(kill_the_connection)
    assert world.get("/tips").status_code == 200
    with world.app.app_context():
        assert db.session.scalar(text("SELECT 1")) == 1


def test_a_row_is_asked_for_once_while_a_page_is_answered(world: World) -> None:
    """Rooms ask for a row where they need it, and let go of it; asking again costs the page nothing."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with world.app.test_request_context():
        event.listen(db.engine, "before_cursor_execute", note)
        keys = [notice.key for notice in notices.offered(session())]
        first = len(asked)
        again = [notice.key for number in range(len(keys)) if (notice := notices.find(session(), number + 1))]
        event.remove(db.engine, "before_cursor_execute", note)
    assert (sorted(again), len(asked)) == (sorted(keys), first)
