"""What stands around every page of the console: where one can go, who one is, what was just done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import current_app, g, request, url_for
from flask_babel import LazyString, lazy_gettext

from newsletter_app import identity
from newsletter_app.identity import IDLE, Actor, SignedIn, Verb
from newsletter_app.kernel import words
from newsletter_app.web.language import current_language
from newsletter_app.web.shell import time_zone
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.telling import sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the navigation; shown to whom its verb is allowed, once its page exists."""

    endpoint: str
    verb: Verb
    words: LazyString


PLACES: Final = (
    Entry("staff.home", "look", lazy_gettext("Home")),
    Entry("staff.tips", "look", lazy_gettext("Tips")),
    Entry("staff.campaigns", "look", lazy_gettext("Campaigns")),
    Entry("staff.newest_board", "look", lazy_gettext("Figures")),
    Entry("staff.set_up", "arrange", lazy_gettext("Set-up")),
    Entry("staff.people", "appoint", lazy_gettext("Staff")),
    Entry("staff.log", "audit", lazy_gettext("Who did what")),
    Entry("staff.account", "own", lazy_gettext("Your account")),
)
# Asked some minutes before the limit, since nobody may lose what they typed (WCAG 2.2.1).
WARNING_S: Final = 600


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as a page shows it."""

    url: str
    words: LazyString
    is_here: bool


@blueprint.app_template_filter("grouped")
def grouped(number: int) -> str:
    """Return a number as a page of the console writes it."""
    return words.grouped(number, current_language())


@blueprint.context_processor
def frame() -> dict[str, Any]:
    """Return what the console's layout needs."""
    signed_in: SignedIn | None = g.get("signed_in")
    actor = signed_in.actor if signed_in is not None and signed_in.stage == "full" else None
    return {
        "actor": actor,
        "may": lambda verb: actor is not None and identity.may(actor, verb),
        "places": places(actor),
        "said": sentence(),
        "told_at": told_at,
        "idle_warning_s": int(IDLE.total_seconds()) - WARNING_S,
    }


def told_at(at: datetime) -> str:
    """Return a moment as the organisation's clock tells it: "March 3, 2026, 2:30 p.m."."""
    zone, language = time_zone(), current_language()
    return f"{words.full_date(at, zone, language)}, {words.clock_time(at, zone, language)}"


def places(actor: Actor | None) -> list[Link]:
    """Return where this person can go; nowhere before they are signed in."""
    return [
        Link(url_for(entry.endpoint), entry.words, _is_within(entry.endpoint))
        for entry in PLACES
        if actor is not None
        and identity.may(actor, entry.verb)
        and entry.endpoint in current_app.view_functions
    ]


def _is_within(endpoint: str) -> bool:
    """Tell whether the present page is this place's, or lies under it."""
    url = url_for(endpoint)
    if endpoint == "staff.home":
        return request.path == url
    return request.path == url or request.path.startswith(url + "/")
