"""The ports of the running application, for views and commands."""

from __future__ import annotations

from typing import cast

from flask import current_app

from newsletter_app.ports import Ports


def ports() -> Ports:
    """Return the ports that ``create_app`` put on the current application."""
    return cast(Ports, current_app.extensions["ports"])
