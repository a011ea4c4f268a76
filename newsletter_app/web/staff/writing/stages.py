"""The steps of a tip: ask for its approval, approve it, give it back, let readers see its changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from newsletter_app import audit, tips
from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.edit import REFUSED, desk_page
from newsletter_app.web.staff.writing.finding_words import missing_words
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import refusal

Verb = Callable[[Tip, datetime], None]


@blueprint.post("/tips/<int:tip_id>/ask")
@may("write")
def ask_approval(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Put the tip before whoever approves it."""
    return _step(
        tip_id, "asked", lambda tip, now: writing.ask_approval(session(), tip, by=actor.email, now=now)
    )


@blueprint.post("/tips/<int:tip_id>/approve")
@may("approve")
def approve(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Say that it may go out as it is written."""
    return _step(
        tip_id, "approved", lambda tip, now: writing.approve(session(), tip, by=actor.email, now=now)
    )


@blueprint.post("/tips/<int:tip_id>/give-back")
@may("approve")
def give_back(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Make it a draft again, with what is to be done."""
    comment = request.form.get("comment", "").replace("\0", "")

    def verb(tip: Tip, now: datetime) -> None:
        writing.give_back(session(), tip, comment, by=actor.email, now=now)

    return _step(tip_id, "given-back", verb)


@blueprint.post("/tips/<int:tip_id>/same")
@may("write")
def say_the_same(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Note that both sides say the same now."""
    return _step(
        tip_id, "saved", lambda tip, now: writing.say_the_same(session(), tip, by=actor.email, now=now)
    )


@blueprint.post("/tips/<int:tip_id>/release")
@may("publish")
def release(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Let readers of a tip that is on the web see what was approved since; nobody is mailed."""

    def verb(tip: Tip, now: datetime) -> None:
        if not writing.is_held_back(tip):
            raise Breach("tip-not-published")
        writing.approve_by_sending(session(), tip)
        tips.publish(session(), tip, now)
        audit.note(session(), actor=actor.email, action="tip.released", subject=f"tip:{tip.id}", now=now)

    return _step(tip_id, "on-the-web", verb)


def _step(tip_id: int, said: str, verb: Verb) -> ResponseReturnValue:
    try:
        verb(tip_of(tip_id), ports().clock())
    except Breach as breach:
        forget()
        field = "comment" if breach.code == "comment-missing" else "steps"
        return desk_page(tip_of(tip_id), faults={field: _words(breach)}), REFUSED
    commit()
    return told("staff.tip", said, tip_id=tip_id)


def _words(breach: Breach) -> str:
    if breach.code == "tip-incomplete":
        return _("The tip is not whole yet: %(missing)s", missing=missing_words(str(breach.facts["missing"])))
    return refusal(breach)
