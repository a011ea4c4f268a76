"""The web face: parse, call one verb, render; it installs headers, pages and error pages on the app."""

from __future__ import annotations

from flask import Flask

from newsletter_app.web import brand, errors, freshness, hooks, known, public, security, shell, staff
from newsletter_app.web.health import blueprint as health
from newsletter_app.web.language import current_language
from newsletter_app.web.public import limits

__all__ = ["current_language", "install"]


def install(app: Flask) -> None:
    """Put everything a browser can meet on ``app``."""
    # Both would answer with a redirect whose address is built from the Host header (S19).
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    known.install(app)
    shell.install(app)
    security.install(app)
    errors.install(app)
    brand.install(app)
    limits.install(app)
    freshness.install(app)
    app.register_blueprint(health)
    app.register_blueprint(public.blueprint)
    app.register_blueprint(staff.blueprint)
    hooks.install(app)
