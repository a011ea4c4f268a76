"""One's own account: password, second factor, recovery codes, and where one is signed in."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import Actor
from newsletter_app.web.database import commit, session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.again import person
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may, signed_in
from newsletter_app.web.staff.mails import mail_choices
from newsletter_app.web.staff.telling import told


@blueprint.get("/account")
@may("own")
def account(actor: Actor) -> ResponseReturnValue:
    """Show all of it."""
    return render_template(
        "staff/account.html",
        staff=person(actor),
        codes_left=identity.codes_left(session(), actor.id),
        mails=mail_choices(actor),
        sessions=identity.sessions.of_staff(session(), actor.id, ports().clock()),
        this_id=signed_in().session_id,
    )


@blueprint.post("/account/sessions/<int:session_id>/end")
@may("own")
def end_session(actor: Actor, session_id: int) -> ResponseReturnValue:
    """Sign one other browser out; somebody else's session is not touched."""
    if session_id < 2**31:
        identity.sessions.end(session(), actor.id, session_id)
        commit()
    return told("staff.account", "session-ended")


@blueprint.post("/account/sessions/end")
@may("own")
def end_other_sessions(actor: Actor) -> ResponseReturnValue:
    """Sign every other browser out."""
    identity.sessions.end_all(session(), actor.id, but=signed_in().session_id)
    commit()
    return told("staff.account", "session-ended")
