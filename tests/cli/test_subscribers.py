"""``flask subscribers`` and ``flask suppressions`` at the terminal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import URL
from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, subscriptions
from newsletter_app import subscribers as readers
from newsletter_app.cli.subscribers import subscribers
from newsletter_app.cli.suppressions import suppressions
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.notices import Notice, offer_series
from newsletter_app.subscriptions import ConsentRecord
from tests.factories.content import make_tip
from tests.factories.people import (
    HASH_KEY,
    a_subscriber,
    an_active_reader,
    kinds,
    mails,
    states,
    three_notices,
)

STAFF = ["--by", "staff@example.org"]
PUBLIC_URL = "https://news.example.org"
BY_PHONE = ["--source", "phone", *STAFF]


@pytest.fixture
def database_url(sqlite_database: URL) -> URL:
    """A command is the same on either database; its verbs are tested on both."""
    return sqlite_database


class Terminal:
    """``flask`` with the two groups over a real database."""

    def __init__(self, unit_of_work: UnitOfWork, now: datetime, session: Session) -> None:
        self._session = session
        app = Flask(__name__)
        app.extensions["ports"] = SimpleNamespace(
            settings=SimpleNamespace(hash_key=HASH_KEY, public_url=PUBLIC_URL),
            unit_of_work=unit_of_work,
            clock=lambda: now,
        )
        app.cli.add_command(subscribers)
        app.cli.add_command(suppressions)
        self._runner = app.test_cli_runner()

    def run(self, *words: str) -> Result:
        """Type a command; the test's own look at the rows ends first, since it holds SQLite's one lock."""
        self._session.rollback()
        return self._runner.invoke(args=list(words))

    def data(self, *words: str) -> dict[str, object]:
        """Type a command and read its JSON."""
        done = self.run(*words, "--json")
        assert done.exit_code == 0, done.output
        read: dict[str, object] = json.loads(done.stdout)
        return read


@pytest.fixture
def chosen(session: Session, now: datetime) -> list[Notice]:
    """Give three notices, kept."""
    notices = three_notices(session, now)
    session.commit()
    return notices


@pytest.fixture
def terminal(unit_of_work: UnitOfWork, now: datetime, session: Session, chosen: list[Notice]) -> Terminal:
    """Give the terminal."""
    assert chosen
    return Terminal(unit_of_work, now, session)


def test_adding_by_phone(terminal: Terminal, session: Session, chosen: list[Notice]) -> None:  # L1
    words = ["--notice", "tips", "--notice", "news", "--language", "fr", "--wording", "Oui, les deux"]
    done = terminal.data("subscribers", "add", "Rose@example.ca", *BY_PHONE, *words)
    reader = a_subscriber(session)
    assert done == {"outcome": "added", "subscriber": reader.id, "notices": ["tips", "news"]}
    assert states(session, reader) == {chosen[0].id: "active", chosen[2].id: "active"}
    assert [(mail.kind, mail.language) for mail in mails(session)] == [("welcome", "fr")]
    record = session.query(ConsentRecord).first()
    assert record is not None
    assert (record.wording, record.source, record.recorded_by) == (
        "Oui, les deux",
        "phone",
        "staff@example.org",
    )


def test_welcome_of_who_phoned_tells_when_the_first_tip_comes_and_offers_one(
    terminal: Terminal, session: Session, chosen: list[Notice], now: datetime
) -> None:
    tip, due_at = make_tip(session, chosen[0], 24, now), now + timedelta(days=1)
    campaigns.schedule(session, tip, due_at=due_at, by="staff@example.org", now=now)
    session.commit()
    terminal.data("subscribers", "add", "rose@example.ca", *BY_PHONE, "--notice", "tips", "--language", "fr")
    [mail] = mails(session)
    assert datetime.fromisoformat(mail.facts["first_at"]) == due_at
    assert mail.facts["tip_url"] == f"{PUBLIC_URL}/fr/conseils/24-marchez-un-peu-24"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rose@example.ca", *BY_PHONE], "Say which notice with --notice: tips, events, news"),
        (["rose@example.ca", *BY_PHONE, "--notice", "gossip"], "There is no notice gossip."),
        (["rose.example.ca", *BY_PHONE, "--notice", "tips"], "is no e-mail address (no-at)"),
        (["rose@example.ca", "--source", "phone", "--notice", "tips"], "Missing option '--by'"),
        (["rose@example.ca", *STAFF, "--notice", "tips"], "Missing option '--source'"),
        (["rose@example.ca", *STAFF, "--source", "rumour", "--notice", "tips"], "'rumour' is not one of"),
    ],
)
def test_refusals_change_nothing(terminal: Terminal, session: Session, words: list[str], said: str) -> None:
    done = terminal.run("subscribers", "add", *words)
    assert done.exit_code != 0
    assert said in done.output
    assert kinds(session) == []


def test_a_suppressed_address_is_refused_until_lifted(terminal: Terminal, session: Session) -> None:
    add = ["subscribers", "add", "rose@example.ca", *BY_PHONE, "--notice", "tips"]
    legal = ["--scope", "all", "--reason", "legal"]
    assert terminal.run("suppressions", "add", "rose@example.ca", *legal, *STAFF).exit_code == 0
    refused = terminal.run(*add)
    assert refused.exit_code == 1
    assert "This address may not be written to" in refused.output
    assert kinds(session) == []
    listed = terminal.data("suppressions", "list")
    ((key, words),) = listed.items()
    assert key.endswith(" all")
    assert str(words).startswith("legal, 2026-03-02")
    assert "rose" not in json.dumps(listed)
    assert terminal.run("suppressions", "lift", "rose@example.ca", "--scope", "all", *STAFF).exit_code == 0
    assert terminal.run(*add).exit_code == 0
    again = terminal.run("suppressions", "lift", "rose@example.ca", "--scope", "all", *STAFF)
    assert (again.exit_code, "Nothing was changed" in again.output) == (1, True)
    acts = [entry.action for entry in reversed(audit.newest(session))]
    assert acts == ["suppression.added", "suppression.lifted", "subscriber.added"]


def test_stopping_by_phone(terminal: Terminal, session: Session, chosen: list[Notice], now: datetime) -> None:
    reader = an_active_reader(session, [chosen[0].id, chosen[1].id], now)
    session.commit()
    stop = ["subscribers", "stop", "rose@example.ca", *BY_PHONE]
    assert terminal.data(*stop, "--notice", "tips") == {"stopped": ["tips"], "stopped before": []}
    assert terminal.data(*stop) == {"stopped": ["events"], "stopped before": ["tips"]}
    session.expire_all()
    assert set(states(session, reader).values()) == {"ended"}
    assert (
        "Nobody with this address" in terminal.run("subscribers", "stop", "ann@example.ca", *BY_PHONE).output
    )


def test_showing_the_rhythm(
    terminal: Terminal, session: Session, chosen: list[Notice], now: datetime
) -> None:
    """Why somebody gets their mail when they do; None is the organisation's to say."""
    reader = an_active_reader(session, [notice.id for notice in chosen[:2]], now)
    subscriptions.set_cadences(session, reader.id, {chosen[0].id: "weekly"})
    readers.set_wish(session, reader, weekday=4, hour=18, time_zone=None)
    readers.pause(session, reader, now + timedelta(days=30))
    offer_series(chosen[0], is_offered=True)
    [row, _events] = subscriptions.of_subscriber(session, reader.id)
    subscriptions.begin_series(session, row, "twice", live=True, had=(), now=now)
    session.commit()
    shown = terminal.data("subscribers", "show", "rose@example.ca")
    assert shown["cadences"] == {"tips": "weekly", "events": "each"}
    assert shown["series"] == {"tips": "twice, up to tip 0"}
    assert (shown["weekday"], shown["hour"], shown["time zone"]) == ("Friday", 18, None)
    assert (shown["paused until"], shown["next mail"]) == ("2026-04-01T16:00:00+00:00", None)


def test_showing(terminal: Terminal, session: Session, chosen: list[Notice], now: datetime) -> None:
    reader = an_active_reader(session, [chosen[0].id], now)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    session.commit()
    shown = terminal.data("subscribers", "show", "ROSE@example.ca")
    assert (shown["address"], shown["notices"]) == ("rose@example.ca", {"tips": "ended"})
    consent = shown["consent"]
    assert isinstance(consent, list)
    assert [line.partition(" ")[2] for line in consent] == [
        "asked tips (web)",
        "confirmed tips (web)",
        "withdrawn tips (one-click)",
    ]
    assert terminal.run("subscribers", "show", "ann@example.ca").exit_code == 1
