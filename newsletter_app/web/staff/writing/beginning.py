"""Beginning a tip: its notice and, where that numbers its tips, its number."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import notices
from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import lead_to, may
from newsletter_app.web.staff.writing.naming import refusal


@blueprint.get("/tips/new")
@may("write")
def new_tip(_actor: Actor) -> ResponseReturnValue:
    """Ask for the notice; the next number stands there already."""
    return _form({}, number=str(writing.next_number(session())))


@blueprint.post("/tips/new")
@may("write")
def begin_tip(actor: Actor) -> ResponseReturnValue:
    """Begin it, and go on to the page where it is written."""
    number = request.form.get("number", "").strip().removeprefix("#")
    key = request.form.get("notice", "").replace("\0", "")
    notice = notices.find_by_key(session(), key)
    if notice is None:
        return _form({"notice": _("Choose a notice.")}, number, key), 422
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    try:
        tip = writing.begin(
            session(), notice, int(number) if is_number else None, by=actor.email, now=ports().clock()
        )
    except Breach as breach:
        forget()
        return _form({"number": refusal(breach)}, number, key), 422
    commit()
    return lead_to("staff.tip", tip_id=tip.id)


def _form(faults: dict[str, str], number: str, key: str = "") -> str:
    words = [(one.key, one.side(current_language()).name) for one in notices.offered(session())]
    return render_template("staff/tips/new.html", faults=faults, notices=words, number=number, key=key)
