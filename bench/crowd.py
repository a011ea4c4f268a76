"""A great many readers and what was mailed to them, written straight into PostgreSQL to be looked at.

Set-based statements alone. The deliveries are written before their partition's indexes are made, which are
made as attaching makes them, so that the tables end as the migrations want them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from newsletter_app import campaigns, delivery, figures, notices, organisation, planning, tips
from newsletter_app.campaigns import Campaign
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.ports import Ports
from newsletter_app.subscribers import Subscriber

FIRST: Final = 11  # The sample has sent tips before it.
A_READER: Final = "reader7@mail7.example.ca"
DAYS: Final = 62
ACTS: Final = 100_000
# Seven of ten read each tip, two weekly, one monthly; every third reads French, every ninth in large print.
SUBSCRIBERS: Final = """
INSERT INTO subscribers (id, address, address_key, domain, name, language, layout, nonce, created_at)
SELECT n, 'reader' || n || '@mail' || n % 40 || '.example.ca', md5(n::text) || md5('k' || n),
       'mail' || n % 40 || '.example.ca', CASE WHEN n % 2 = 0 THEN 'Reader ' || n ELSE '' END,
       CASE WHEN n % 3 = 0 THEN 'fr' ELSE 'en' END, CASE WHEN n % 9 = 0 THEN 'large' ELSE 'standard' END,
       decode(lpad(to_hex(n), 16, '0'), 'hex'), now() - n % 700 * interval '1 day'
FROM generate_series(1, :readers) n
"""
SUBSCRIPTIONS: Final = """
INSERT INTO subscriptions (subscriber_id, notice_id, state, cadence, cursor, created_at, confirmed_at)
SELECT id, :notice, CASE WHEN id % 50 = 0 THEN 'ended' ELSE 'active' END,
       CASE WHEN id % 10 < 7 THEN 'each' WHEN id % 10 < 9 THEN 'weekly' ELSE 'monthly' END,
       0, created_at, created_at
FROM subscribers WHERE id % :every = 0
"""
CONSENTS: Final = """
INSERT INTO consent_records (subscriber_id, address_key, notice_id, act, consent, source, wording, language,
                             page_url, ip, user_agent, at)
SELECT s.id, s.address_key, u.notice_id, 'confirmed', 'express', 'form', :wording, s.language,
       'https://news.example.org/subscribe', '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64)', u.created_at
FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id
"""
ACTED: Final = """
INSERT INTO audit_entries (at, actor, action, subject, details, origin)
SELECT now() - (:acts - n) * interval '5 minutes', 'owner@example.org', 'tip.saved', 'tip:' || n % 900 + 1,
       '{}'::json, '203.0.113.7' FROM generate_series(1, :acts) n
"""
EDITIONS: Final = """
INSERT INTO editions (campaign_id, key, language, layout, created_at)
SELECT :campaign, language || '-' || layout, language, layout, now()
FROM unnest(ARRAY['en', 'fr']) language, unnest(ARRAY['standard', 'large']) layout
"""
EDITION_ITEMS: Final = """
INSERT INTO edition_items (edition_id, publication_id, position)
SELECT e.id, p.id, 1 FROM editions e, publications p WHERE e.campaign_id = :campaign AND p.tip_id = :tip
"""
DELIVERIES: Final = """
INSERT INTO {partition} (campaign_id, subscriber_id, shard, edition_id, domain, state, reason, due_at,
                         attempts, deferrals, first_attempt_at, reply_code, reply_enhanced, reply_text,
                         server, claim_sender, claim_no, claimed_at, settled_at, feedback)
SELECT :campaign, n, n % 16, e.id, 'mail' || n % 40 || '.example.ca', state,
       CASE state WHEN 'refused' THEN 'hard' WHEN 'uncertain' THEN 'no-reply' END, :at, sign(was), 0,
       CASE was WHEN 1 THEN :at END, CASE state WHEN 'accepted' THEN 250 WHEN 'refused' THEN 550 END,
       CASE state WHEN 'accepted' THEN '2.0.0' WHEN 'refused' THEN '5.1.1' END,
       CASE state WHEN 'accepted' THEN 'Ok: queued as ' || n
                  WHEN 'refused' THEN '<reader' || n || '@mail' || n % 40 || '.example.ca>: No such user' END,
       CASE was WHEN 1 THEN 'mail:25' END, CASE was WHEN 1 THEN 1 END, CASE was WHEN 1 THEN n / 200 END,
       CASE was WHEN 1 THEN :at END, CASE was WHEN 1 THEN :at + n / 2000 * interval '1 second' END,
       CASE WHEN was = 1 AND n % 500 = 1 THEN 'bounced' WHEN was = 1 AND n % 2000 = 2 THEN 'complained'
            ELSE 'none' END
FROM (SELECT n, CASE WHEN n > :done THEN 0 ELSE 1 END AS was,
             CASE WHEN n > :done THEN 'queued' WHEN n % 200 = 0 THEN 'refused' WHEN n % 50000 = 3
             THEN 'uncertain' ELSE 'accepted' END AS state,
             CASE WHEN n % 3 = 0 THEN 'fr' ELSE 'en' END AS language,
             CASE WHEN n % 9 = 0 THEN 'large' ELSE 'standard' END AS layout
      FROM generate_series(1, :readers) n) rows
JOIN editions e ON e.campaign_id = :campaign AND e.language = rows.language AND e.layout = rows.layout
"""
CAME_BACK: Final = """
INSERT INTO feedback_events (digest, source, received_at, raw, shape, kind, reason, code, enhanced, said,
                             campaign_id, subscriber_id, domain, state, effect)
SELECT md5(campaign_id || '-' || subscriber_id), 'listener', settled_at, '', 'report', 'hard', 'no-user', 550,
       '5.1.1', 'No such user', campaign_id, subscriber_id, domain, 'applied', 'counted'
FROM {partition} WHERE campaign_id = :campaign AND feedback <> 'none'
"""
COUNTS: Final = """
INSERT INTO delivery_counts (campaign_id, state, reason, readers)
SELECT campaign_id, state, coalesce(reason, ''), count(*) FROM {partition} WHERE campaign_id = :campaign
GROUP BY campaign_id, state, coalesce(reason, '')
"""
FOLDED: Final = """
INSERT INTO daily_figures (day, notice_id, readers, joined, "left")
SELECT CAST(:today AS date) - n, notice, :readers - n * 40, 60, 20
FROM generate_series(2, :days) n, unnest(CAST(:notices AS integer[])) notice
"""
PARTITIONS: Final = """
SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'deliveries'::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
"""
INDEXES: Final = """
SELECT i.indexrelid::regclass::text AS name, k.conname FROM pg_index i
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid WHERE i.indrelid = CAST(:name AS regclass)
"""


def fill(ports: Ports, readers: int, count: int) -> None:
    """Write readers, and campaigns of the tips from ``FIRST`` on, a week apart; the last one is half sent.

    The database must hold these tips, and no campaign of theirs.
    """
    now = ports.clock()
    with _told("readers"), ports.unit_of_work() as session:
        _readers(session, readers, ports.settings.hash_key, now)
    with _told("campaigns"), ports.unit_of_work() as session:
        made = _campaigns(session, count, now)
    with _told("deliveries"), ports.unit_of_work() as session:
        _deliveries(session.connection(), made, readers)
    with _told("statistics"), ports.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def count_beforehand(ports: Ports) -> None:
    """Count what the bulk tick counts, and fold what the night folds; say how long each took."""
    for name, counting in (("campaigns", delivery.recount), ("audience", planning.recount_audience)):
        with _told(f"counted: {name}"), ports.unit_of_work() as session:
            counting(session, ports.clock(), time.monotonic)
    with _told("folded: the day before, and the campaigns of two weeks"):
        figures.fold(ports.unit_of_work, ports.clock())


def _readers(session: Session, readers: int, hash_key: bytes, now: datetime) -> None:
    # Nothing here breaks a key; to look at each of three million rows would take longer than writing them.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(SUBSCRIBERS), {"readers": readers})
    offered = [notice.id for notice in notices.offered(session)]
    for place, notice_id in enumerate(offered):
        session.execute(text(SUBSCRIPTIONS), {"notice": notice_id, "every": 1 + 2 * place})
    session.execute(text(CONSENTS), {"wording": "Choose notices to receive. We send only what you tick."})
    session.execute(text(ACTED), {"acts": ACTS})
    days = {"today": organisation.local_day(session, now), "days": DAYS, "readers": readers}
    session.execute(text(FOLDED), {**days, "notices": [figures.ALL, *offered]})
    known = session.get_one(Subscriber, 7)
    known.address_key = address_key(hash_key, parse_address(A_READER))


def _campaigns(session: Session, count: int, now: datetime) -> list[dict[str, Any]]:
    made = []
    for number in range(1, count + 1):
        tip = tips.find_by_number(session, FIRST - 1 + number)
        assert tip is not None
        at = now - timedelta(days=7 * (count - number), hours=1)
        campaign = campaigns.schedule(session, tip, due_at=at, by="bench@example.org", now=at)
        _begin(session, campaign, at, is_last=number == count)
        tips.send_into(session, tip, campaigns.notice_ids_of(session, campaign.id), at)
        values = {"campaign": campaign.id, "tip": tip.id, "at": at, "is_last": number == count}
        session.execute(text(EDITIONS), values)
        session.execute(text(EDITION_ITEMS), values)
        made.append(values)
    return made


def _begin(session: Session, campaign: Campaign, at: datetime, *, is_last: bool) -> None:
    campaign.started_at, campaign.expires_at = at, at + timedelta(days=4)
    campaign.state, campaign.finished_at = (
        ("sending", None) if is_last else ("finished", at + timedelta(hours=3))
    )
    session.flush()
    delivery.make_partition(session, campaign.id)


def _deliveries(connection: Connection, made: list[dict[str, Any]], readers: int) -> None:
    """Write the rows of each partition while it stands alone and has no index, then attach it again."""
    for name, bounds in _named(connection, PARTITIONS, "bounds"):
        connection.execute(text(f"ALTER TABLE deliveries DETACH PARTITION {name}"))
        _drop_indexes(connection, name)
        first = int("".join(sign for sign in name if sign.isdigit()))
        for values in (one for one in made if first <= one["campaign"] < first + 50):
            done = readers // 2 if values["is_last"] else readers
            _of_campaign(connection, name, {**values, "readers": readers, "done": done})
        connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        connection.execute(text(f"ALTER TABLE deliveries ATTACH PARTITION {name} {bounds}"))


def _of_campaign(connection: Connection, name: str, values: Mapping[str, Any]) -> None:
    parts = (DELIVERIES, CAME_BACK) if values["is_last"] else (DELIVERIES, CAME_BACK, COUNTS)
    for statement in parts:
        connection.execute(text(statement.format(partition=name)), values)
    _say(f"campaign {values['campaign']}")


def _drop_indexes(connection: Connection, name: str) -> None:
    # With wal_level=minimal nothing is logged that is written where the same transaction truncated.
    connection.execute(text(f"TRUNCATE {name}"))
    for index, constraint in _named(connection, INDEXES, "conname", name=name):
        dropped = f"ALTER TABLE {name} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}"
        connection.execute(text(dropped))


def _named(connection: Connection, statement: str, beside: str, **values: str) -> list[tuple[str, str]]:
    rows = connection.execute(text(statement), values).mappings().all()
    return [(row["name"], row[beside]) for row in rows]


@contextmanager
def _told(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    _say(f"{what}: {time.monotonic() - began:.1f} s")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
