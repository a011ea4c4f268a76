"""Proving again who one is, before what could do lasting harm (S23)."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import Actor, Staff
from newsletter_app.web.database import commit, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.staff import throttle
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may, safe_next, signed_in
from newsletter_app.web.staff.sign_in import REFUSED, go_on, prove_by_code, too_many


@blueprint.get("/again")
@may("own")
def again(actor: Actor) -> ResponseReturnValue:
    """Ask for the code, or for the password where there is no second factor."""
    return _form(person(actor), {})


@blueprint.post("/again")
@may("own")
def prove_again(actor: Actor) -> ResponseReturnValue:
    """Take it, and go on to the page that was asked for."""
    staff = person(actor)
    name = "code" if staff.has_second_factor else "password"
    proof, fault = prove_by_code(staff) if staff.has_second_factor else _by_password(staff)
    if proof is None:
        return _form(staff, {name: fault}), REFUSED
    identity.sessions.refresh(session(), signed_in().session_id, ports().clock())
    commit()
    return go_on(safe_next(request.values.get("next")))


def _by_password(staff: Staff) -> tuple[str | None, str]:
    if not throttle.allows(staff.address):
        return None, too_many()
    found = identity.check_password(
        session(), staff.address, request.form.get("password", ""), hash_key=ports().settings.hash_key,
        now=ports().clock(), origin=client_ip(),
    )  # fmt: skip
    commit()
    return ("password", "") if found else (None, _("This is not your password. Please try again."))


def _form(staff: Staff, faults: dict[str, str]) -> str:
    return render_template("staff/again.html", faults=faults, by_code=staff.has_second_factor)


def person(actor: Actor) -> Staff:
    """Return the row of whoever acts."""
    return session().get_one(Staff, actor.id)
