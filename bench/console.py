"""``python -m bench.console``: every page of the console, signed in, over many readers and campaigns.

It fills a private PostgreSQL by set-based statements, counts as the bulk tick does, and asks each page of the
application itself, so that what is timed is the server's own work. Returns 1 when a page is over the limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from config import Settings
from newsletter_app import campaigns, delivery, identity, notices, planning
from newsletter_app.app import create_app
from newsletter_app.campaigns import Campaign
from newsletter_app.kernel.base import make_engine
from newsletter_app.ports import Ports
from newsletter_app.tips import Tip
from newsletter_app.web.staff import cookie
from tests.clusters import postgres_cluster
from tests.conftest import create_tables
from tests.factories import people
from tests.factories.content import make_tip
from tests.factories.staff import make_staff

FOLDER: Final = Path("/var/tmp")
READERS: Final = 1_000_000
CAMPAIGNS: Final = 20
TIMES: Final = 7
LIMIT_MS: Final = 300.0
OVER: Final = 1
PUBLIC_URL: Final = "https://news.example.org"
# Seven of ten read each tip, two weekly, one monthly; every third reads French.
SUBSCRIBERS: Final = """
INSERT INTO subscribers (id, address, address_key, domain, name, language, layout, nonce, created_at)
SELECT n, 'reader' || n || '@mail' || n % 40 || '.example.ca', 'key-' || n,
       'mail' || n % 40 || '.example.ca', '',
       CASE WHEN n % 3 = 0 THEN 'fr' ELSE 'en' END, CASE WHEN n % 9 = 0 THEN 'large' ELSE 'standard' END,
       decode(lpad(to_hex(n), 16, '0'), 'hex'), now()
FROM generate_series(1, :readers) n
"""
SUBSCRIPTIONS: Final = """
INSERT INTO subscriptions (subscriber_id, notice_id, state, cadence, cursor, created_at, confirmed_at)
SELECT n, :notice, 'active',
       CASE WHEN n % 10 < 7 THEN 'each' WHEN n % 10 < 9 THEN 'weekly' ELSE 'monthly' END, 0, now(), now()
FROM generate_series(1, :readers) n WHERE n % :every = 0
"""
DELIVERIES: Final = """
INSERT INTO deliveries (campaign_id, subscriber_id, shard, edition_id, domain, state, reason, due_at,
                        attempts, deferrals, reply_code, reply_enhanced, reply_text, server,
                        settled_at, feedback)
SELECT :campaign, n, n % 16, 1, 'mail' || n % 40 || '.example.ca', state,
       CASE state WHEN 'refused' THEN 'hard' WHEN 'uncertain' THEN 'no-reply' END, now(), 1, 0,
       CASE state WHEN 'accepted' THEN 250 WHEN 'refused' THEN 550 END,
       CASE state WHEN 'accepted' THEN '2.0.0' WHEN 'refused' THEN '5.1.1' END,
       CASE state WHEN 'accepted' THEN 'Ok: queued as ' || n
                  WHEN 'refused' THEN '<reader' || n || '@example.ca>' END,
       'mail:25', CASE state WHEN 'queued' THEN NULL ELSE now() END, 'none'
FROM (SELECT n, CASE WHEN n > :done THEN 'queued' WHEN n % 200 = 0 THEN 'refused' WHEN n % 50000 = 0
      THEN 'uncertain' ELSE 'accepted' END AS state FROM generate_series(1, :readers) n WHERE n % 10 < 7) rows
"""
COUNTS: Final = """
INSERT INTO delivery_counts (campaign_id, state, reason, readers)
SELECT campaign_id, state, coalesce(reason, ''), count(*) FROM deliveries WHERE campaign_id = :campaign
GROUP BY campaign_id, state, coalesce(reason, '')
"""


@dataclass(frozen=True, slots=True)
class Timed:
    """One page: its address, what it answered, and how long each try took, in milliseconds."""

    path: str
    status: int
    took_ms: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one of the tries."""
        return statistics.median(self.took_ms)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, count, time every page; return 0, or 1 when the median of one is over the limit."""
    options = parser().parse_args(arguments)
    with _application(options.folder) as app:
        ports: Ports = app.extensions["ports"]
        values = _fill(ports, options.readers, options.campaigns)
        _count(ports)
        timed = [_timed(app, path) for path in _paths(app, values)]
    for one in sorted(timed, key=lambda each: -each.median):
        print(f"{one.median:8.0f} ms  {max(one.took_ms):8.0f} at most  {one.status}  {one.path}")
    slow = [one for one in timed if one.median > LIMIT_MS]
    print(f"{len(timed)} pages, {len(slow)} of them over {LIMIT_MS:.0f} ms.")
    return OVER if slow else 0


def parser() -> argparse.ArgumentParser:
    """Return what the command line knows."""
    made = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    made.add_argument("--readers", type=int, default=READERS)
    made.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    made.add_argument("--folder", type=Path, default=FOLDER, help="where PostgreSQL keeps its files")
    return made


@contextmanager
def _application(folder: Path) -> Iterator[Flask]:
    with postgres_cluster(durable=True, below=folder, shared_buffers="512MB") as url:
        engine = make_engine(url)
        create_tables(engine)
        engine.dispose()
        app = create_app(_settings(url, folder), ringer=lambda _ring: None)
        yield app
        app.extensions["ports"].engine.dispose()


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
        data_dir=folder,
        dkim_dir=folder / "no-keys",
        host="0.0.0.0",
        port=8000,
        trusted_proxies=0,
        log_level="WARNING",
    )


def _fill(ports: Ports, readers: int, count: int) -> dict[str, int]:
    """Write readers and campaigns; return what the addresses of pages are to name."""
    now = ports.clock()
    with ports.unit_of_work() as session:
        people.three_notices(session, now)
        ids = [notice.id for notice in notices.offered(session)]
        session.execute(text(SUBSCRIBERS), {"readers": readers})
        for notice_id, every in zip(ids, (1, 2, 5), strict=True):
            session.execute(text(SUBSCRIPTIONS), {"readers": readers, "notice": notice_id, "every": every})
    notice_id = ids[0]
    for number in range(1, count + 1):
        is_last = number == count
        with ports.unit_of_work() as session:
            campaign = _campaign(session, notice_id, number, now - timedelta(days=7 * (count - number)))
            delivery.make_partition(session, campaign.id)
            done = readers // 2 if is_last else readers
            values = {"campaign": campaign.id, "readers": readers, "done": done}
            session.execute(text(DELIVERIES), values)
            campaign.state, campaign.finished_at = ("sending", None) if is_last else ("finished", now)
            if not is_last:
                session.execute(text(COUNTS), {"campaign": campaign.id})
        _say(f"campaign {number} of {count}")
    with ports.unit_of_work() as session:
        fresh = make_tip(session, session.get_one(notices.Notice, notice_id), count + 1, now)
        found = {"campaign_id": campaign.id, "tip_id": fresh.id, "notice": notice_id}
    with ports.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return found


def _campaign(session: Session, notice_id: int, number: int, at: datetime) -> Campaign:
    tip: Tip = make_tip(session, session.get_one(notices.Notice, notice_id), number, at)
    campaign = campaigns.schedule(session, tip, due_at=at, by="bench@example.org", now=at)
    campaign.started_at, campaign.expires_at = at, at + timedelta(days=4)
    session.flush()
    return campaign


def _count(ports: Ports) -> None:
    """Count beforehand, as the bulk tick does, and say how long that took."""
    for name, counting in (
        ("campaigns", delivery.recount),
        ("audience", planning.recount_audience),
    ):
        began = time.perf_counter()
        with ports.unit_of_work() as session:
            counting(session, ports.clock(), time.monotonic)
        _say(f"counted beforehand: {name}, {time.perf_counter() - began:.2f} s")


def _paths(app: Flask, values: dict[str, int]) -> list[str]:
    """Return the address of every page whose parts are known here."""
    with app.test_request_context():
        adapter = app.url_map.bind("")
        paths = {
            adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if _is_page(rule, values)
        }
    check = f"/console/tips/{values['tip_id']}/send/check"
    return sorted({*paths, f"{check}?when=now&notice={values['notice']}"} - {check})


def _is_page(rule: Rule, values: dict[str, int]) -> bool:
    is_get = "GET" in (rule.methods or set())
    return is_get and rule.endpoint.startswith("staff.") and rule.arguments <= values.keys()


def _timed(app: Flask, path: str) -> Timed:
    """Ask a page some times, after once for what is made at the first request."""
    ports: Ports = app.extensions["ports"]
    client = app.test_client()
    with ports.unit_of_work() as session:
        known = identity.by_address(session, "owner@example.org", hash_key=ports.settings.hash_key)
        staff = known or make_staff(session, "owner", ports.clock())
        key = identity.sessions.begin(session, staff, "full", agent="bench", now=ports.clock())
    with app.test_request_context():
        name, words = cookie.name(), cookie.written(key)
    client.set_cookie(name, words, domain=PUBLIC_URL.removeprefix("https://"), secure=True)
    took = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        answer = client.get(path, base_url=PUBLIC_URL)
        took.append((time.perf_counter() - began) * 1000)
    return Timed(path, answer.status_code, tuple(took[1:]))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
