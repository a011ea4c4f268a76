"""A running application over a real database, readers in every state, and a link to each page of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import URL
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Settings
from newsletter_app import subscribers, subscriptions, tips
from newsletter_app.app import create_app
from newsletter_app.extensions import db
from newsletter_app.kernel.links import Purpose
from newsletter_app.kernel.rings import Ring
from newsletter_app.ports import Ports
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Signup
from tests.factories import content, people
from tests.snapshots import TEMPLATES, Snapshots
from tests.web.dom import Page

PUBLIC_URL = "https://news.example.org"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    """A clock that a test moves."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@dataclass
class World:
    """The application as a reader meets it, and the database behind it."""

    app: Flask
    clock: Clock
    rung: list[Ring] = field(default_factory=list)

    @property
    def ports(self) -> Ports:
        """The ports of the application."""
        ports: Ports = self.app.extensions["ports"]
        return ports

    @property
    def client(self) -> FlaskClient:
        """A browser without cookies."""
        return self.app.test_client()

    @property
    def database(self) -> Path:
        """The file of the database."""
        return Path(self.ports.settings.database_url.removeprefix("sqlite:///"))

    def write(self) -> AbstractContextManager[Session]:
        """A transaction of its own."""
        return self.ports.unit_of_work()

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=PUBLIC_URL, **options)

    def page(self, path: str, **options: Any) -> Page:
        """Open a page and read its elements."""
        return Page(self.get(path, **options).text)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Press a button of our own page."""
        options.setdefault("headers", SAME_SITE)
        return self.client.post(path, base_url=PUBLIC_URL, data=data or {}, **options)

    def token(self, purpose: Purpose, ids: tuple[int, ...], nonce: bytes = b"") -> str:
        """Return a token as our mails carry it."""
        return self.ports.links.token(purpose, ids, nonce)


@dataclass
class Readers:
    """What a test needs to know of the readers: their rows and the links they hold."""

    notice_ids: tuple[int, ...]
    pending: Signup
    active: Subscriber
    signup: Signup
    wanted_link: Signup
    stopped: Subscriber
    stopped_signup: Signup
    change_id: int
    change_nonce: bytes


@pytest.fixture
def clock(now: datetime) -> Clock:
    """Give a clock that stands at the tests' moment until it is moved."""
    return Clock(now)


@pytest.fixture
def settings(sqlite_url: URL, tmp_path: Path) -> Settings:
    """Give the settings of a public, https product on a fresh database; its broker does not answer."""
    return Settings(
        database_url=str(sqlite_url),
        redis_url=None,
        smtp=(),
        public_url=PUBLIC_URL,
        mail_from="tips@example.org",
        bounce_domain="bounces.example.org",
        ehlo_name="news.example.org",
        secret_key="secret key of the tests, 32 octets",
        link_keys=(b"link key of the tests, 32 octets",),
        hash_key=people.HASH_KEY,
        data_dir=tmp_path,
        dkim_dir=tmp_path / "dkim",
        host="0.0.0.0",
        port=8000,
        trusted_proxies=0,
        log_level="INFO",
    )


@pytest.fixture
def tryout(settings: Settings) -> Settings:
    """Give the settings of a try-out on this machine."""
    return replace(settings, public_url="http://127.0.0.1:8000", host="127.0.0.1")


@pytest.fixture
def make_world(clock: Clock) -> Iterator[Callable[[Settings], World]]:
    """Give a maker of applications; each is closed after the test."""
    made: list[World] = []

    def make(settings: Settings) -> World:
        rung: list[Ring] = []
        app = create_app(settings, ringer=rung.append, clock=clock)
        app.testing = False
        app.jinja_env.bytecode_cache = TEMPLATES
        made.append(World(app, clock, rung))
        return made[-1]

    yield make
    for world in made:
        with world.app.app_context():
            db.engine.dispose()
        world.ports.engine.dispose()


@pytest.fixture
def empty(make_world: Callable[[Settings], World], settings: Settings) -> World:
    """Give an application before anything was set up."""
    return make_world(settings)


@pytest.fixture
def world(empty: World, now: datetime, snapshots: Snapshots) -> World:
    """Give an application with an organisation and three notices."""
    snapshots.bring(("world", now), empty.database, lambda: set_up(empty, now))
    return empty


def set_up(world: World, now: datetime) -> None:
    """Write the organisation and three notices."""
    with world.write() as session:
        people.three_notices(session, now)


@pytest.fixture
def readers(world: World, now: datetime, snapshots: Snapshots) -> Readers:
    """Give a pending, an active and a stopped reader of the first two notices, and what they asked for."""
    return snapshots.bring(("readers", now), world.database, lambda: gather(world, now))


def gather(world: World, now: datetime) -> Readers:
    """Let readers come, ask and leave."""
    with world.write() as session:
        ids = tuple(notice.id for notice in people.notices.offered(session))
        pending = people.sign_up(session, ids[:2], now, address="penny@example.ca")
        signup = people.sign_up(session, ids[:2], now)
        people.confirm(session, signup, now)
        active = people.a_subscriber(session)
        wanted = subscriptions.ask_for_link(session, people.a_form(()), now)
        people.decide(session, wanted, now)
        gone = people.sign_up(session, ids[:1], now, address="gus@example.ca")
        people.confirm(session, gone, now)
        stopped = people.a_subscriber(session, "gus@example.ca")
        subscriptions.stop(session, stopped.id, None, source="page", now=now + timedelta(minutes=1))
        new = people.parse_address("new@example.org")
        asked = subscribers.ask_address_change(session, active, new, hash_key=people.HASH_KEY, now=now)
        assert asked.change_id is not None
        change = subscribers.find_change(session, asked.change_id)
        assert change is not None
        session.flush()
        return Readers(ids, pending, active, signup, wanted, stopped, gone, change.id, change.nonce)


@pytest.fixture
def links(world: World, readers: Readers) -> dict[Purpose, str]:
    """Give a living token of every purpose that a page takes."""
    ids, active = readers.notice_ids, readers.active
    return {
        Purpose.CONFIRM: world.token(Purpose.CONFIRM, (readers.pending.id,), readers.pending.nonce),
        Purpose.SENT: world.token(Purpose.SENT, (readers.pending.id,), readers.pending.nonce),
        Purpose.CHOICES: world.token(Purpose.CHOICES, (active.id,), active.nonce),
        Purpose.MANAGE: world.token(Purpose.MANAGE, (readers.wanted_link.id,), readers.wanted_link.nonce),
        Purpose.STOP: world.token(Purpose.STOP, (active.id, ids[0])),
        Purpose.UNDO: world.token(Purpose.UNDO, (readers.stopped.id, ids[0]), readers.stopped.nonce),
        Purpose.RESTART: world.token(Purpose.RESTART, (readers.stopped.id, ids[0]), readers.stopped.nonce),
        Purpose.ADDRESS_CONFIRM: world.token(
            Purpose.ADDRESS_CONFIRM, (readers.change_id,), readers.change_nonce
        ),
        Purpose.ADDRESS_KEEP: world.token(Purpose.ADDRESS_KEEP, (readers.change_id,), readers.change_nonce),
    }


@pytest.fixture
def tip_numbers(world: World, readers: Readers, now: datetime) -> list[int]:
    """Give the numbers of three tips on the web, the second with a topic; they can be read from tip 1."""
    with world.write() as session:
        tips.add_topic(session, "feet", {"en": "Feet", "fr": "Pieds"})
        notice = people.notices.find(session, readers.notice_ids[0])
        assert notice is not None
        notice.offers_series = True
        for number in (1, 2, 3):
            tip = content.make_tip(session, notice, number, now)
            tips.set_topics(session, tip, ["feet"] if number == 2 else [], now)
    return [1, 2, 3]


PATHS = {
    Purpose.CONFIRM: "/confirm/",
    Purpose.SENT: "/subscribe/sent/",
    Purpose.CHOICES: "/choices/",
    Purpose.MANAGE: "/choices/",
    Purpose.STOP: "/stop/",
    Purpose.UNDO: "/restart/",
    Purpose.RESTART: "/restart/",
    Purpose.ADDRESS_CONFIRM: "/address/",
    Purpose.ADDRESS_KEEP: "/address/",
}


@pytest.fixture
def every_page(links: dict[Purpose, str], tip_numbers: list[int]) -> dict[str, str]:
    """Give every kind of page with an address, English and French (``name-en``, ``name-fr``)."""
    pairs = {
        "home": ("/", "/fr/"),
        "subscribe": ("/subscribe", "/fr/abonnement"),
        "change": ("/change", "/fr/changer"),
        "library": ("/tips", "/fr/conseils"),
        "tip": ("/tips/2-walk-a-little-2", "/fr/conseils/2-marchez-un-peu-2"),
        "print": ("/tips/2-walk-a-little-2/print", "/fr/conseils/2-marchez-un-peu-2/imprimer"),
        "topic": ("/topics/feet", "/fr/sujets/pieds"),
        "search": ("/tips?q=minutes", "/fr/conseils?q=minutes"),
        "search-none": ("/tips?q=xyz", "/fr/conseils?q=xyz"),
        "no-tip": ("/tips/99", "/fr/conseils/99"),
        "privacy": ("/privacy", "/fr/confidentialite"),
        "no-page": ("/nothing", "/fr/rien"),
        "cut-link": ("/stop/abc", "/stop/abc?lang=fr"),
    }
    for purpose, token in links.items():
        path = PATHS[purpose] + token
        french = f"/fr/abonnement/envoi/{token}" if purpose is Purpose.SENT else f"{path}?lang=fr"
        pairs[purpose.name.lower()] = (path, french)
    erase = f"/choices/{links[Purpose.MANAGE]}/erase"
    pairs["erase"] = (erase, f"{erase}?lang=fr")
    return {
        f"{name}-{language}": path
        for name, both in pairs.items()
        for language, path in zip(("en", "fr"), both, strict=True)
    }
