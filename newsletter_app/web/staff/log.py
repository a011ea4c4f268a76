"""Who did what, when and from where, as owners read it (S29)."""

from __future__ import annotations

from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import audit
from newsletter_app.identity import Actor
from newsletter_app.web.database import session
from newsletter_app.web.public.links import HIGHEST_ID
from newsletter_app.web.staff.acts import act_words
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may

ON_A_PAGE: Final = 100


@blueprint.get("/log")
@may("audit")
def log(_actor: Actor) -> ResponseReturnValue:
    """Show the newest acts, or those before one of them."""
    before = request.args.get("before", type=int)
    before = max(0, min(before, HIGHEST_ID)) if before is not None else None
    entries = audit.newest(session(), ON_A_PAGE + 1, before=before)
    shown, is_more = entries[:ON_A_PAGE], len(entries) > ON_A_PAGE
    return render_template(
        "staff/log.html", entries=shown, is_more=is_more, act_words=act_words, before=before
    )
