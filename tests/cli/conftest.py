"""A terminal over the whole application: real settings, a real database, the real commands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from config import Settings
from newsletter_app.adapters.spam_scoring import SpamAssassin
from newsletter_app.app import create_app
from newsletter_app.authentication import Resolver
from newsletter_app.extensions import db
from newsletter_app.kernel.rings import Ring
from newsletter_app.ports import Ports
from tests.factories import content
from tests.fakes.zone import Zone
from tests.snapshots import TEMPLATES


@dataclass
class Shell:
    """``flask`` at the terminal of one installation, and the database behind it."""

    app: Flask
    rung: list[Ring] = field(default_factory=list)

    @property
    def ports(self) -> Ports:
        """The ports of the application."""
        ports: Ports = self.app.extensions["ports"]
        return ports

    @property
    def pictures(self) -> list[Path]:
        """The pictures kept in DATA_DIR."""
        return sorted((self.ports.settings.data_dir / "media").glob("*"))

    def look(self) -> AbstractContextManager[Session]:
        """A transaction of its own."""
        return self.ports.unit_of_work()

    def run(self, *words: str | Path) -> Result:
        """Type a command."""
        return self.app.test_cli_runner().invoke(args=[str(word) for word in words])

    def told(self, *words: str | Path) -> str:
        """Type a command that must succeed, and return what it prints."""
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.output

    def refusal(self, *words: str | Path) -> str:
        """Type a command that must be refused, and return its sentences."""
        done = self.run(*words)
        assert done.exit_code in (1, 2), done.output
        assert isinstance(done.exception, SystemExit), done.exception
        return done.stderr

    def data(self, *words: str | Path) -> Any:
        """Type a command and read its JSON."""
        return json.loads(self.told(*words, "--json"))


@contextmanager
def open_shell(
    data_dir: Path,
    now: datetime,
    environment: Mapping[str, str] | None = None,
    resolver: Callable[[], Resolver] = lambda: Zone({}),
) -> Iterator[Shell]:
    """Open the installation in ``data_dir``, its clock at ``now``, until the block ends."""
    settings = Settings.from_env({"DATA_DIR": str(data_dir), **(environment or {})}, read_dotenv=False)
    rung: list[Ring] = []
    app = create_app(
        settings,
        ringer=rung.append,
        clock=lambda: now,
        resolver=resolver,
        # Whether this machine has a spam filter is no matter of the tests.
        spam_assassin=SpamAssassin(None),
    )
    shell = Shell(app, rung)
    shell.app.jinja_env.bytecode_cache = TEMPLATES
    yield shell
    with shell.app.app_context():
        db.engine.dispose()
    shell.ports.engine.dispose()


@pytest.fixture
def make_shell(now: datetime) -> Iterator[Callable[..., Shell]]:
    """Give a maker of installations in a DATA_DIR; each is closed after the test."""
    with ExitStack() as stack:
        yield lambda data_dir, *more: stack.enter_context(open_shell(data_dir, now, *more))


@pytest.fixture
def empty(make_shell: Callable[[Path], Shell], sqlite_model: Path, tmp_path: Path) -> Shell:
    """Give an installation with every table and nothing in them."""
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    shutil.copyfile(sqlite_model, data_dir / "newsletter.sqlite3")
    return make_shell(data_dir)


@pytest.fixture
def shell(empty: Shell, now: datetime) -> Shell:
    """Give an installation with an organisation, a numbered notice "tips" and another, "events"."""
    with empty.look() as session:
        content.make_organisation(session)
        content.make_notice(session, now)
        content.make_notice(session, now, "events")
    return empty
