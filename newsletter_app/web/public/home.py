"""The first page: what this is, the newest tips, the sign-up form."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import bilingual
from newsletter_app.web.public import signup_form
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import rows

NEWEST = 5


@bilingual(blueprint, "home")
def home() -> ResponseReturnValue:
    """Show the first page."""
    form = signup_form.page(signup_form.offered()) if signup_form.is_open() else None
    found = rows(tips.listed(session(), current_language(), limit=NEWEST))
    newest = found[0] if found else None
    return render_template("public/home.html", form=form, newest=newest, earlier=found[1:])


@bilingual(blueprint, "privacy")
def privacy() -> ResponseReturnValue:
    """Show what is kept about a reader, why, and how to have it corrected or erased (L17)."""
    return render_template("public/privacy.html")
