"""Somebody at the console: ``desk("editor")`` is a browser that is signed in, on a real database.

Others that build pages of the console use it as it is; ``desk.get``, ``desk.page`` and ``desk.post`` speak
to the application as that browser would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from newsletter_app import identity
from newsletter_app.identity import Actor, Role, Stage
from newsletter_app.web.staff import cookie
from tests.factories.staff import make_staff
from tests.web.conftest import PUBLIC_URL, SAME_SITE, World
from tests.web.dom import Page

HOST = PUBLIC_URL.removeprefix("https://")
Desks = Callable[..., "Desk"]


@dataclass
class Desk:
    """A browser with the cookie of one person's session."""

    client: FlaskClient
    actor: Actor
    url: str = PUBLIC_URL

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.url, **options)

    def page(self, path: str, **options: Any) -> Page:
        """Open a page and read its elements."""
        return Page(self.get(path, **options).text)

    def post(self, path: str, data: dict[str, Any] | bytes | None = None, **options: Any) -> TestResponse:
        """Press a button of our own page."""
        options.setdefault("headers", SAME_SITE)
        return self.client.post(path, base_url=self.url, data=data or {}, **options)


@pytest.fixture
def desk(world: World) -> Desks:
    """Give a maker of signed-in browsers: ``desk("editor")``, ``desk("owner", address="eve@example.org")``.

    The same address again is the same person in another browser.
    """

    def sit_down(role: Role, *, address: str = "", stage: Stage = "full") -> Desk:
        now = world.clock()
        with world.write() as session:
            whose = address or f"{role}@example.org"
            staff = identity.by_address(session, whose, hash_key=world.ports.settings.hash_key)
            staff = staff or make_staff(session, role, now, address=whose)
            key = identity.sessions.begin(session, staff, stage, agent="Firefox", now=now)
            actor = identity.sessions.actor_of(staff)
        client = world.client
        with world.app.test_request_context():
            name, text = cookie.name(), cookie.written(key)
        settings = world.ports.settings
        host = urlsplit(settings.public_url).hostname or ""
        client.set_cookie(name, text, domain=host, secure=settings.is_https, httponly=True)
        return Desk(client, actor, settings.public_url)

    return sit_down
