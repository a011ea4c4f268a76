"""What pages know of the organisation and its notices: at most a second old, and asked for no oftener."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from newsletter_app import organisation
from newsletter_app.web.known import EXTENSION, KEPT_S, Known, Memory
from tests.web.conftest import World
from tests.web.test_subscribe import fill


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        """Begin at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


class Source:
    """Something to read that counts how often it is read."""

    def __init__(self) -> None:
        """Begin unread."""
        self.readings = 0

    def __call__(self) -> Known:
        """Return another value each time."""
        self.readings += 1
        return Known()


@pytest.fixture
def seconds() -> Seconds:
    """Give a clock at nought."""
    return Seconds()


def test_it_is_read_once_a_second(seconds: Seconds) -> None:
    """A second later it is read anew."""
    memory, source = Memory(monotonic=seconds), Source()
    first = memory.known(source)
    seconds.now = KEPT_S - 0.01
    assert memory.known(source) is first
    seconds.now = KEPT_S
    assert memory.known(source) is not first
    assert source.readings == 2


def test_what_is_read_while_somebody_writes_is_not_kept(seconds: Seconds) -> None:
    """It may be what stood there before."""
    memory = Memory(monotonic=seconds)

    def read_while_somebody_writes() -> Known:
        memory.forget()
        return Known()

    old = memory.known(read_while_somebody_writes)
    assert memory.known(Source()) is not old


def test_a_reading_that_fails_is_tried_again(seconds: Seconds) -> None:
    """Nothing is known of a database that does not answer."""
    memory, source = Memory(monotonic=seconds), Source()

    def fail() -> Known:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("gone"))

    with pytest.raises(OperationalError):
        memory.known(fail)
    assert memory.known(source) == Known()
    assert source.readings == 1


def test_a_write_of_this_process_is_seen_at_once(world: World) -> None:
    """As a console's would be, whose editor looks at the page next."""
    assert "Example Society" in world.get("/subscribe").text
    with world.write() as session:
        organisation.set_words(session, "en", name="Sample Society")
    assert "Sample Society" in world.get("/subscribe").text


def test_a_write_of_another_process_is_seen_within_the_second(world: World, seconds: Seconds) -> None:
    """The command line is another process."""
    world.app.extensions[EXTENSION] = Memory(monotonic=seconds)
    assert "Example Society" in world.get("/subscribe").text
    with closing(sqlite3.connect(world.database)) as other:
        other.execute("UPDATE organisation_sides SET name = 'Sample Society' WHERE language = 'en'")
        other.commit()
    seconds.now = KEPT_S
    assert "Sample Society" in world.get("/subscribe").text


def test_a_second_form_asks_the_database_nothing(world: World) -> None:
    """And a form that was filled in costs the one row that it leaves."""
    world.get("/subscribe")
    seen: list[str] = []
    event.listen(world.ports.engine, "before_cursor_execute", lambda *told: seen.append(told[2].split()[0]))
    form = fill(world)
    assert seen == []
    assert world.post("/subscribe", form).status_code == 303
    assert [word for word in seen if word not in ("PRAGMA", "BEGIN")] == ["INSERT"]
