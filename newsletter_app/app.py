"""The composition root: settings → ports → extensions → pages → commands; nothing else wires anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from flask import Flask
from flask.cli import NoAppException
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from config import ConfigError, Settings
from newsletter_app import cli, web
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.adapters.fetching import Fetcher
from newsletter_app.adapters.gathering import GatheringRinger
from newsletter_app.adapters.sender_check import system_resolver
from newsletter_app.adapters.spam_scoring import SpamAssassin
from newsletter_app.authentication import Resolver
from newsletter_app.extensions import Session, babel, db, migrate
from newsletter_app.kernel import departures, rings
from newsletter_app.kernel.clock import Clock, utc_now
from newsletter_app.kernel.departures import Act
from newsletter_app.kernel.rings import Ring, Ringer
from newsletter_app.ports import open_ports
from newsletter_app.web import security
from newsletter_app.web.ports import ports

HERE = Path(__file__).parent
TEMPLATES = HERE.parent / "templates" / "web"
FORM_OCTETS = 64 * 1024
YEAR_S = 365 * 24 * 3600


def create_app(
    settings: Settings | None = None,
    *,
    ringer: Ringer | None = None,
    clock: Clock = utc_now,
    fetcher: Fetcher | None = None,
    resolver: Callable[[], Resolver] = system_resolver,
    spam_assassin: SpamAssassin | None = None,
) -> Flask:
    """Return the application for ``settings`` (default: read from the environment)."""
    settings = settings or _from_environment()
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(HERE / "web" / "static"))
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["ports"] = open_ports(settings, ringer or _ringer(settings), clock=clock)
    app.extensions["fetcher"] = fetcher or Fetcher()
    app.extensions["resolver"] = resolver
    app.extensions["spam_assassin"] = spam_assassin or SpamAssassin()
    _bind_extensions(app)
    web.install(app)
    cli.install(app)
    _wrap(app, settings)
    return app


def _from_environment() -> Settings:
    try:
        return Settings.from_env(os.environ)
    except ConfigError as error:
        if click.get_current_context(silent=True) is not None:
            # At the terminal ``flask`` would go on, and say that it knows no such command.
            click.echo(f"Error: {error}", err=True)
            raise SystemExit(2) from error
        raise NoAppException(str(error)) from error


def _ringer(settings: Settings) -> Ringer:
    return GatheringRinger(CeleryRinger(settings.broker_url))


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "BABEL_TRANSLATION_DIRECTORIES": str(HERE / "translations"),
        "BABEL_DEFAULT_LOCALE": "en",
        "MAX_CONTENT_LENGTH": FORM_OCTETS,
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_SAMESITE": "Lax",
    }


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, directory=str(HERE / "migrations"))
    babel.init_app(app, locale_selector=web.current_language)


def _wrap(app: Flask, settings: Settings) -> None:
    # Only the listed number of hops is believed (S19); with 0 the headers mean nothing.
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    app.wsgi_app = WhiteNoise(
        app.wsgi_app,
        root=HERE / "web" / "static",
        prefix="static/",
        max_age=YEAR_S,
        allow_all_origins=False,
        add_headers_function=security.static_headers(is_https=settings.is_https),
    )


def _ring_through_app(ring: Ring) -> None:
    ports().ringer(ring)


def _write_through_app(acts: Sequence[Act]) -> None:
    ports().departures.write(acts)


rings.attach(Session, _ring_through_app)
departures.attach(Session, _write_through_app)
