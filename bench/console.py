"""``python -m bench.console``: every page of the console, signed in, over many readers and campaigns.

It fills a private PostgreSQL by set-based statements, counts as the bulk tick and the night do, and asks each
page of the application itself, so that what is timed is the server's own work. Returns 1 when a page is over
the limit. ``--url`` takes a PostgreSQL that stands, fills it if it is empty, and leaves it to look again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bench import console_pages, crowd, library, machine_facts
from config import Settings
from newsletter_app import identity, notices
from newsletter_app.app import create_app
from newsletter_app.ports import Ports
from newsletter_app.web.staff import cookie
from tests.clusters import postgres_cluster
from tests.factories import people
from tests.factories.staff import make_staff

FOLDER: Final = Path("/var/tmp")
READERS: Final = 1_000_000
CAMPAIGNS: Final = 20
TIPS: Final = 500
TIMES: Final = 7
LIMIT_MS: Final = 300.0
OVER: Final = 1
PUBLIC_URL: Final = "https://news.example.org"
TRY_OUT_URL: Final = "http://127.0.0.1:8000"
# What is written while filling is not logged twice: only the filling is quicker.
FILLING: Final = "-c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=6GB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, count, time every page; return 0, or 1 when the median of one is over the limit."""
    options = parser().parse_args(arguments)
    known = machine_facts.facts()
    print(", ".join(f"{name} {value}" for name, value in known.items()), machine_facts.warning(known))
    with TemporaryDirectory(dir=options.folder) as name, _application(Path(name), options.url) as app:
        ports: Ports = app.extensions["ports"]
        if not _is_filled(ports):
            _fill(app, options.readers, options.campaigns, options.tips)
        client = _signed_in(app)
        pages = console_pages.pages(app)
        timed = [
            console_pages.timed(ports.engine, client, PUBLIC_URL, page, options.times)
            for page in pages
            if options.only in page.path
        ]
    print("| page | answer | best ms | median ms | worst ms | CPU ms | statements | slowest ms | KB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for one in sorted(timed, key=lambda each: -each.median_ms):
        print(one.row())
        if options.slowest and one.asked.slowest_ms > options.slowest:
            print(f"  {' '.join(one.asked.slowest.split())}")
    slow = [one for one in timed if one.median_ms > LIMIT_MS]
    print(f"{len(timed)} pages, {len(slow)} of them over {LIMIT_MS:.0f} ms.")
    return OVER if slow else 0


def parser() -> argparse.ArgumentParser:
    """Return what the command line knows."""
    made = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    made.add_argument("--readers", type=int, default=READERS)
    made.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    made.add_argument("--tips", type=int, default=TIPS)
    made.add_argument("--times", type=int, default=TIMES, help="how often each page is asked for")
    made.add_argument("--only", default="", help="pages whose address holds this")
    made.add_argument(
        "--slowest", type=float, default=0.0, help="print statements that took more ms than this"
    )
    made.add_argument("--folder", type=Path, default=FOLDER, help="where PostgreSQL keeps its files")
    made.add_argument("--url", default="", help="a PostgreSQL that stands; it is filled if empty, and left")
    return made


@contextmanager
def _application(folder: Path, url: str) -> Iterator[Flask]:
    # PostgreSQL runs as a user of its own where we are root.
    folder.chmod(0o755)
    if not url:
        with (
            postgres_cluster(durable=True, below=folder, shared_buffers="512MB", options=FILLING) as own,
            _application(folder, own) as app,
        ):
            yield app
        return
    settings = _settings(url, folder)
    _prepare(replace(settings, public_url=TRY_OUT_URL, host="127.0.0.1"))
    app = create_app(settings, ringer=lambda _ring: None)
    yield app
    app.extensions["ports"].engine.dispose()


def _prepare(tryout: Settings) -> None:
    """Bring the tables as the migrations make them, and the sample's organisation, notices and tips."""
    app = create_app(tryout, ringer=lambda _ring: None)
    done = app.test_cli_runner().invoke(args=["prepare"])
    app.extensions["ports"].engine.dispose()
    if done.exit_code:
        raise SystemExit(done.output)


def _settings(url: str, folder: Path) -> Settings:
    return Settings(
        database_url=url,
        redis_url=None,
        smtp=(),
        public_url=PUBLIC_URL,
        mail_from="tips@example.org",
        bounce_domain="bounces.example.org",
        ehlo_name="news.example.org",
        secret_key="secret key of the bench, 32 octets",
        link_keys=(b"link key of the bench, 32 octets",),
        hash_key=people.HASH_KEY,
        data_dir=folder / "var",
        dkim_dir=folder / "no-keys",
        host="0.0.0.0",
        port=8000,
        trusted_proxies=0,
        log_level="WARNING",
    )


def _is_filled(ports: Ports) -> bool:
    with ports.unit_of_work() as session:
        return session.scalar(text("SELECT id FROM subscribers LIMIT 1")) is not None


def _fill(app: Flask, readers: int, count: int, tips: int) -> None:
    ports: Ports = app.extensions["ports"]
    library.fill(ports, max(tips, count + crowd.FIRST))
    crowd.fill(ports, readers, count)
    crowd.count_beforehand(ports)
    with ports.unit_of_work() as session:
        owner = make_staff(session, "owner", ports.clock())
        console_pages.write_the_tip(session, notices.offered(session)[0], owner.address, ports.clock())
        for number in range(20):
            make_staff(session, "editor", ports.clock(), address=f"editor{number}@example.org")


def _signed_in(app: Flask) -> FlaskClient:
    ports: Ports = app.extensions["ports"]
    with ports.unit_of_work() as session:
        owner = identity.by_address(session, "owner@example.org", hash_key=ports.settings.hash_key)
        assert owner is not None
        key = identity.sessions.begin(session, owner, "full", agent="bench", now=ports.clock())
    client = app.test_client()
    with app.test_request_context():
        name, words = cookie.name(), cookie.written(key)
    client.set_cookie(name, words, domain=PUBLIC_URL.removeprefix("https://"), secure=True)
    return client


if __name__ == "__main__":
    sys.exit(main())
