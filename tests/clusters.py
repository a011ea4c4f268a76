"""A private PostgreSQL for the tests: in a temporary folder, reached by a unix socket, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, text

from newsletter_app.kernel.base import make_engine

SERVER_USER = "postgres"


def find_binaries() -> Path | None:
    """Return the folder of the newest installed PostgreSQL server, or None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def postgres_cluster(
    *, durable: bool = False, below: Path = Path("/tmp"), shared_buffers: str = "32MB", options: str = ""
) -> Iterator[str]:
    """Run a cluster and yield its SQLAlchemy URL (database ``postgres``); ``durable`` keeps fsync on.

    ``options`` are more settings, each "-c name=value".

    The server refuses to run as root, so that root hands it to the user that Debian made for it.
    Its folder is made in ``below``, whose path is short, since a socket's must stay under 107 bytes.
    """
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=below))
    user = SERVER_USER if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user, user)
        _run(binaries / "initdb", "-D", folder / "rows", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8",
             "--locale=C", user=user, cwd=folder)  # fmt: skip
        settings = f"-k {folder} -c listen_addresses='' -c max_connections=200"
        settings += f" -c shared_buffers={shared_buffers} {options}"
        if not durable:
            settings += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run(binaries / "pg_ctl", "-D", folder / "rows", "-l", folder / "log", "-o", settings, "-w", "start",
             user=user, cwd=folder)  # fmt: skip
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run(
                binaries / "pg_ctl",
                "-D",
                folder / "rows",
                "-m",
                "immediate",
                "-w",
                "stop",
                user=user,
                cwd=folder,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(cluster: URL, name: str) -> Iterator[URL]:
    """Make a database of which the server knows nothing yet, and give its URL; it is dropped afterwards."""
    _command(cluster, f"CREATE DATABASE {name}")
    try:
        yield cluster.set(database=name)
    finally:
        _command(cluster, f"DROP DATABASE {name} WITH (FORCE)")


def _command(cluster: URL, statement: str) -> None:
    # Making and dropping a database refuse to stand in a transaction.
    engine = make_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _run(*command: Path | str, user: str | None, cwd: Path) -> None:
    # The log goes to a file: a server that inherits our pipe would keep it open, and we would wait for ever.
    with (cwd / "setup.log").open("ab") as log:
        done = subprocess.run(
            [str(part) for part in command],
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(cwd / 'setup.log').read_text(errors='replace')}")
