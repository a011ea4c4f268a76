"""The language of the console: each person's own, changed by one press on any page."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import Actor
from newsletter_app.kernel.languages import as_language
from newsletter_app.web.database import commit, session
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may, safe_next


@blueprint.post("/language")
@may("own")
def set_own_language(actor: Actor) -> ResponseReturnValue:
    """Write the console in the language asked for from now on, and show the same page in it."""
    identity.set_language(session(), actor.id, as_language(request.form.get("language"), actor.language))
    commit()
    return redirect(safe_next(request.form.get("next")), 303)
