"""A database that is still starting is waited for, and one that never comes is told of in one line."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from newsletter_app.cli.patience import TRIES, await_database, patiently
from newsletter_app.kernel.base import make_engine

pytestmark = [pytest.mark.postgres]


@pytest.fixture
def socket_folder(tmp_path: Path) -> Path:
    """Give the folder where the server's socket is looked for; nobody has made it yet."""
    return tmp_path / "s"


@pytest.fixture
def awaited(postgres_url: str, socket_folder: Path) -> URL:
    """Give the address of a server that has not come up."""
    engine = make_engine(postgres_url)
    return engine.url.update_query_dict({"host": str(socket_folder)})


def test_it_goes_on_once_the_server_is_there(
    awaited: URL, postgres_url: str, socket_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            socket_folder.symlink_to(str(make_engine(postgres_url).url.query["host"]))

    engine = make_engine(awaited)
    await_database(engine, wait=wait)
    engine.dispose()
    assert len(waits) == 3
    told = capsys.readouterr().out
    assert told.count("cannot be reached yet") == 1
    assert "trying for 60 seconds" in told


def test_one_that_does_not_come_is_told_of(awaited: URL) -> None:
    engine, waits = make_engine(awaited), list[float]()
    with pytest.raises(click.ClickException, match=r"The database cannot be reached: .*No such file"):
        await_database(engine, patience_s=5, wait=waits.append)
    assert sum(waits) == 5


@pytest.mark.parametrize("losses", [1, TRIES])
def test_what_the_server_broke_off_is_done_anew(postgres_url: str, losses: int) -> None:
    engine, done = make_engine(postgres_url), list[str]()

    def work() -> None:
        done.append("begun")
        with engine.connect() as connection:
            if len(done) <= losses:
                connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        done.append("ended")

    if losses < TRIES:
        patiently(engine, work)
        assert done == ["begun", "begun", "ended"]
    else:
        with pytest.raises(OperationalError):
            patiently(engine, work)
        assert done == ["begun"] * TRIES
    engine.dispose()
