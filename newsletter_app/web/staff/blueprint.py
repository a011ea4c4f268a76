"""The blueprint of the console, and what holds for each page: who asks, from where, in which words."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, abort, g, request

from newsletter_app import audit, identity
from newsletter_app.kernel.languages import as_language
from newsletter_app.web.database import session
from newsletter_app.web.language import preferred, use_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.security import POLICY, SAFE_METHODS, is_behind_a_link
from newsletter_app.web.staff import cookie

BLUEPRINT: Final = "staff"
# Pico draws its ticks and arrows with pictures that stand in the style sheet; nothing else is let in.
CONSOLE_POLICY: Final = (
    POLICY.replace("img-src 'self'", "img-src 'self' data:").replace("script-src 'none'", "script-src 'self'")
    + "; connect-src 'self'"
)

blueprint = Blueprint(BLUEPRINT, __name__, url_prefix="/console")


@blueprint.before_request
def refuse_posts_from_nowhere() -> None:
    """Refuse an unsafe request that does not say which site it comes from (S26).

    Elsewhere such a client is no browser and carries nobody's authority; here its cookie would.
    """
    says_so = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    if request.method not in SAFE_METHODS and not says_so:
        abort(403)


@blueprint.before_request
def know_who_asks() -> None:
    """Find the session, and write the page in its person's language; before that, in the browser's."""
    key = cookie.read()
    session().info[audit.ORIGIN] = client_ip()
    g.signed_in = identity.sessions.find(session(), key, ports().clock()) if key else None
    g.desk_key = key if g.signed_in else None
    if g.signed_in is not None:
        use_language(g.signed_in.actor.language)
    else:
        use_language(as_language(request.args.get("lang"), preferred()))


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Let nobody keep a page of the console, and let our own scripts run where no signed link leads."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if not is_behind_a_link():
        # A view that shows what somebody wrote knows a stricter one.
        response.headers.setdefault("Content-Security-Policy", CONSOLE_POLICY)
    if g.get("desk_key") and not g.get("desk_is_handed_out"):
        # Dated anew with each page, so that reading keeps a session alive and writes nothing.
        cookie.hand_out(response, g.desk_key)
    return response
