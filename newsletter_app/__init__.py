"""The newsletter and subscription manager; rooms below import without Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(**options: Any) -> Flask:
    """Return the web application (see ``newsletter_app.app.create_app`` for the options)."""
    # Deferred, because every room imports this package and none of them may load Flask.
    from newsletter_app.app import create_app as make

    return make(**options)
