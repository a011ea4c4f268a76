"""What stands before each view of the console: its verb, its actor, and the proof asked for anew.

Every view declares one of ``may`` and ``anyone``; a test walks the addresses and finds one that does not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import FRESH, FRESH_FORM, SignedIn, Stage, Verb
from newsletter_app.web.ports import ports
from newsletter_app.web.security import SAFE_METHODS
from newsletter_app.web.shell import here

ANYONE: Final = "anyone"

Guarded = Callable[..., ResponseReturnValue]


def anyone(view: Guarded) -> Guarded:
    """Declare a view that needs no session: signing in, an invitation, the first start."""
    vars(view)["verb"] = ANYONE
    return view


def may(verb: Verb, *, while_enrolling: bool = False) -> Callable[[Guarded], Guarded]:
    """Declare what a view does; it is called with its ``Actor`` first, if that person may.

    Who is not signed in is led to do so and comes back; who may not gets a page that says so (403).
    ``while_enrolling``: also for whoever still has to set up their second factor.
    """
    stages: tuple[Stage, ...] = ("full", "enrol") if while_enrolling else ("full",)

    def guard(view: Guarded) -> Guarded:
        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            found: SignedIn | None = g.signed_in
            if found is None or found.stage not in stages:
                return lead_to(_next_step(found), back=True)
            if not identity.may(found.actor, verb):
                return refused()
            return view(found.actor, **values)

        vars(guarded)["verb"] = verb
        return guarded

    return guard


def fresh(view: Guarded) -> Guarded:
    """Ask the person to prove again who they are, unless they did so lately (S23); stands under ``may``.

    A form that was opened while the proof was fresh is taken half an hour longer, so that nothing typed is
    lost.
    """

    @wraps(view)
    def guarded(*actor: Any, **values: Any) -> ResponseReturnValue:
        within = FRESH if request.method in SAFE_METHODS else FRESH_FORM
        if not signed_in().is_fresh(ports().clock(), within):
            return lead_to("staff.again", back=True)
        return view(*actor, **values)

    return guarded


def refused() -> ResponseReturnValue:
    """Return the page for somebody whose role, or whose part in this, does not allow it."""
    return render_template("staff/refused.html"), 403


def signed_in() -> SignedIn:
    """Return the session of this request, behind ``may``."""
    found: SignedIn = g.signed_in
    return found


def half_way() -> SignedIn | None:
    """Return the session of whoever has given the password and not yet the code."""
    found: SignedIn | None = g.signed_in
    return found if found is not None and found.stage == "password" else None


def lead_to(endpoint: str, *, back: bool = False, **values: Any) -> Response:
    """Return a redirect to a view of the console, from a part of a page (htmx) as well.

    ``back``: the person comes back to this page afterwards; to the one with the form where this was a POST.
    """
    if back and (target := _page_asked_for()):
        values["next"] = target
    url = url_for(endpoint, **values)
    if "HX-Request" in request.headers:
        response = make_response("", 200)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def safe_next(text: str | None) -> str:
    """Return the page to go on to: a local address of the console, never another site (S12)."""
    home = url_for("staff.home")
    is_ours = text is not None and (text == home or text.startswith((home + "/", home + "?")))
    # A header cannot hold signs that are not printable, a line break among them.
    is_plain = text is not None and text.isprintable() and "\\" not in text and "//" not in text
    return text if text is not None and is_ours and is_plain else home


def _next_step(signed_in: SignedIn | None) -> str:
    if signed_in is None:
        return "staff.sign_in"
    return "staff.code" if signed_in.stage == "password" else "staff.second_factor"


def _page_asked_for() -> str:
    if request.method in SAFE_METHODS and "HX-Request" not in request.headers:
        return here()
    # The address of the form itself; a POST's own could not be opened.
    home, url = url_for("staff.home", _external=True), request.headers.get("Referer", "")
    return url_for("staff.home") + url.removeprefix(home) if url.startswith(home) else ""
