"""Fixtures for every test: a real database, SQLite and PostgreSQL in turn, and the values a face hands in."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sqlalchemy import text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.kernel import rings
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.rings import Ring
from newsletter_app.kernel.unit_of_work import UnitOfWork, unit_of_work_from
from newsletter_app.tables import metadata
from tests import spamd
from tests.clusters import database, find_binaries, postgres_cluster
from tests.distribution import ByMachine
from tests.fakes import dovecot
from tests.mail import opendkim
from tests.snapshots import Snapshots

ROOT = Path(__file__).resolve().parent.parent
MODEL_DATABASE = "model"
SBIN = f"{os.environ['PATH']}:/usr/sbin"
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

# What a failed test left open would hold its locks against the next one.
_LEAVE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    f"WHERE datname = '{MODEL_DATABASE}' AND pid <> pg_backend_pid()"
)

# Importing makes a million objects and hardly any garbage: to look through them again and again takes two
# seconds of each test process.
gc.disable()

# Locally a whole run must stay short; what a property found once stands as an example beside it.
hypothesis.settings.register_profile("suite", max_examples=50, deadline=None)
hypothesis.settings.load_profile("suite")


def lacking() -> dict[str, str]:
    """Return marker → what this machine has not got for the tests that bear it."""
    lacks = {}
    if find_binaries() is None:
        lacks["postgres"] = "a PostgreSQL server (install the packages of packages.txt)"
    if os.geteuid() != 0 or shutil.which("postfix", path=SBIN) is None:
        lacks["postfix"] = "Debian's Postfix, and root to run it (its queue asks for root)"
    if dovecot.PROGRAM is None:
        lacks["dovecot"] = "Debian's Dovecot (dovecot-imapd)"
    if spamd.find_program() is None:
        lacks["spamassassin"] = "SpamAssassin's server (Debian's spamd)"
    if not opendkim.is_here():
        lacks["opendkim"] = "OpenDKIM's library (Debian's opendkim-tools brings it)"
    if os.geteuid() != 0 or not all(shutil.which(name, path=SBIN) for name in ("opendkim", "opendmarc")):
        lacks["opendmarc"] = "OpenDKIM and OpenDMARC, and root to run them"
    return lacks


# Deleting a few rows is many times faster than TRUNCATE, which makes new files for every table and index.
_EMPTY = ";".join(
    [
        "SET session_replication_role = replica",
        *(f'DELETE FROM "{table.name}"' for table in metadata.sorted_tables),
        "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByMachine | None:
    """Keep together what shares a machine, where files are kept together (`--dist loadfile`)."""
    # Without xdist's own log the scheduler would tell of every step on the terminal.
    return ByMachine(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Collect garbage from now on, but look no more at what was imported: it stays."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run; under CI that is a failure. The long journeys begin first."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)
    lacks = lacking()
    if lacks and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true, but this machine has not got {', nor '.join(lacks.values())}")
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in lacks)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what did not run, so that nobody takes half a run for a whole one."""
    for marker, what in lacking().items():
        terminalreporter.write_line(f"NOT RUN: tests marked {marker}, which need {what}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[URL]:
    """Run one private cluster per test process and give its URL, with an empty model database in it."""
    with postgres_cluster() as url, database(make_url(url), MODEL_DATABASE) as model_url:
        model = make_engine(model_url)
        create_tables(model)
        model.dispose()
        yield make_url(url)


@pytest.fixture(scope="session")
def sqlite_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty SQLite database once; each test gets a copy of the file."""
    path = tmp_path_factory.mktemp("model") / "model.db"
    engine = make_engine(f"sqlite:///{path}")
    create_tables(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """Give the states that tests have brought a SQLite database to."""
    return Snapshots(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture
def sqlite_url(sqlite_model: Path, tmp_path: Path) -> URL:
    """Give the URL of a fresh SQLite database with every table."""
    path = tmp_path / "newsletter.db"
    shutil.copyfile(sqlite_model, path)
    return make_url(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the one place where the tests' SQLite database lies, so that its engine can be kept."""
    return tmp_path_factory.mktemp("sqlite") / "newsletter.db"


@pytest.fixture
def sqlite_database(sqlite_model: Path, sqlite_place: Path) -> URL:
    """Give the URL of a fresh SQLite database with every table, at the place that all tests share."""
    for left in sqlite_place.parent.iterdir():
        left.unlink()
    shutil.copyfile(sqlite_model, sqlite_place)
    return make_url(f"sqlite:///{sqlite_place}")


@pytest.fixture(scope="session")
def postgres_admin(postgres_url: URL) -> Iterator[Connection]:
    """Give a connection to the model database that every test's emptying goes through."""
    engine = make_engine(postgres_url.set(database=MODEL_DATABASE), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def postgres_database(postgres_admin: Connection) -> URL:
    """Give the URL of a PostgreSQL database with every table, emptied: one is kept for all tests.

    Making a database for each would cost several times what an average test does.
    """
    empty_postgres(postgres_admin)
    return postgres_admin.engine.url


def empty_postgres(admin: Connection) -> None:
    """Throw out whoever is still in the model database, and every row of it."""
    admin.exec_driver_sql(_LEAVE)
    admin.exec_driver_sql(_EMPTY)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> URL:
    """Give the URL of a fresh database with every table: SQLite, then PostgreSQL."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    url: URL = request.getfixturevalue(name)
    return url


@pytest.fixture(scope="session")
def engines() -> dict[URL, Engine]:
    """Give the engines made so far: what one has compiled serves the tests that come after."""
    return {}


@pytest.fixture
def engine(database_url: URL, engines: dict[URL, Engine]) -> Iterator[Engine]:
    """Give an engine on a fresh database, with the settings the product uses and no connection open."""
    if database_url not in engines:
        engines[database_url] = make_engine(database_url)
    yield engines[database_url]
    engines[database_url].dispose()


@pytest.fixture
def rung() -> list[Ring]:
    """Give the rings that left after a commit, in order."""
    return []


@pytest.fixture
def sessions(engine: Engine, rung: list[Ring]) -> sessionmaker[Session]:
    """Give a factory of sessions, made as the ports make theirs."""
    sessions = sessionmaker(engine, expire_on_commit=False)
    rings.attach(sessions, rung.append)
    return sessions


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Give one session; what a test does not commit is rolled back."""
    with sessions() as session:
        yield session


@pytest.fixture
def unit_of_work(sessions: sessionmaker[Session]) -> UnitOfWork:
    """Give what long loops are handed: a transaction per block."""
    return unit_of_work_from(sessions)


@pytest.fixture(scope="session")
def now() -> datetime:
    """Give the moment it is in a test: Monday, March 2, 2026, 9 a.m. in Edmonton."""
    return datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


@pytest.fixture
def hash_key() -> bytes:
    """Give the key that addresses are hashed with."""
    return b"hash key of the tests, 32 octets"


@pytest.fixture
def links() -> Links:
    """Give links of a product at https://news.example.org."""
    return Links("https://news.example.org", [b"link key of the tests, 32 octets"])


@pytest.fixture(scope="session")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the French catalogue, compiled as it is now."""
    folder = tmp_path_factory.mktemp("translations")
    with (ROOT / "newsletter_app/translations/fr/LC_MESSAGES/messages.po").open("rb") as lines:
        catalogue = read_po(lines, locale="fr")
    target = folder / "fr/LC_MESSAGES/messages.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as octets:
        write_mo(octets, catalogue)
    return folder


@pytest.fixture(scope="session")
def templates() -> Path:
    """Give the folder of the product's templates."""
    return ROOT / "templates"


def create_tables(engine: Engine) -> None:
    """Create every table, and on PostgreSQL one partition for all deliveries."""
    metadata.create_all(engine)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE deliveries_rest PARTITION OF deliveries DEFAULT"))
