"""The ports of the running application, for views and commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import current_app

from newsletter_app.adapters.fetching import Fetcher
from newsletter_app.adapters.spam_scoring import SpamAssassin
from newsletter_app.authentication import Resolver
from newsletter_app.ports import Ports


def ports() -> Ports:
    """Return the ports that ``create_app`` put on the current application."""
    return cast(Ports, current_app.extensions["ports"])


def fetcher() -> Fetcher:
    """Return what asks servers of the outside: commands that were told to, a hook that proves its caller."""
    return cast(Fetcher, current_app.extensions["fetcher"])


def resolver() -> Callable[[], Resolver]:
    """Return what makes a resolver for a round of questions to the DNS; only commands ask it."""
    return cast(Callable[[], Resolver], current_app.extensions["resolver"])


def spam_assassin() -> SpamAssassin:
    """Return whom commands ask whether a mail looks like spam."""
    return cast(SpamAssassin, current_app.extensions["spam_assassin"])
