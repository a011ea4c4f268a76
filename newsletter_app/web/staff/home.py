"""The console's first page: where one can go."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from newsletter_app.identity import Actor
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may


@blueprint.get("")
@may("look")
def home(_actor: Actor) -> ResponseReturnValue:
    """Show what this person can do here."""
    return render_template("staff/home.html")
