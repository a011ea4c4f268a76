"""Signing in: address and password, then the code; signing out, and staying."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import Actor, Staff
from newsletter_app.web.database import commit, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.staff import cookie, throttle
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import NEXT, enter, leave, note
from newsletter_app.web.staff.guards import anyone, half_way, lead_to, may, safe_next

REFUSED: Final = 422
TOO_MANY: Final = 429


@blueprint.get("/sign-in")
@anyone
def sign_in() -> ResponseReturnValue:
    """Show the form."""
    return _form()


@blueprint.post("/sign-in")
@anyone
def take_password() -> ResponseReturnValue:
    """Take address and password; whoever is asked for, the answer and its time are the same (S22)."""
    address, password = request.form.get("address", ""), request.form.get("password", "")
    if not throttle.allows(address):
        return _form({"address": too_many()}, TOO_MANY)
    settings, now = ports().settings, ports().clock()
    staff = identity.check_password(
        session(), address, password, hash_key=settings.hash_key, now=now, origin=client_ip()
    )
    if staff is None:
        commit()
        return _form(
            {"address": _("This address and password do not fit together. Please try again.")}, REFUSED
        )
    stage = identity.next_stage(staff)
    target = safe_next(request.values.get("next"))
    if stage == "full":
        return enter(go_on(target), staff, stage, how="password")
    return enter(lead_to(NEXT[stage], next=target), staff, stage, how="password")


@blueprint.get("/code")
@anyone
def code() -> ResponseReturnValue:
    """Ask for the code."""
    return render_template("staff/code.html", faults={}) if half_way() else lead_to("staff.sign_in")


@blueprint.post("/code")
@anyone
def take_code() -> ResponseReturnValue:
    """Take a code of the app or a recovery code, each good once, and let the person in."""
    signed_in = half_way()
    staff = identity.find(session(), signed_in.actor.id) if signed_in else None
    if staff is None:
        return lead_to("staff.sign_in")
    proof, fault = prove_by_code(staff)
    if proof is None:
        return render_template("staff/code.html", faults={"code": fault}), REFUSED
    return enter(go_on(safe_next(request.values.get("next"))), staff, "full", how=proof)


@blueprint.post("/sign-out")
@anyone
def sign_out() -> ResponseReturnValue:
    """End this session, here and on the server."""
    leave()
    commit()
    return cookie.drop(lead_to("staff.sign_in", said="signed-out"))


@blueprint.post("/stay")
@may("own")
def stay(_actor: Actor) -> ResponseReturnValue:
    """Let the session go on; that it was asked is all it takes."""
    if "HX-Request" in request.headers:
        return "", 204
    return lead_to("staff.home")


def prove_by_code(staff: Staff) -> tuple[str | None, str]:
    """Return how the code of this form proves ``staff``, or None and what to say."""
    if not throttle.allows(staff.address):
        return None, too_many()
    settings, now = ports().settings, ports().clock()
    text = request.form.get("code", "")
    proof = identity.check_code(session(), staff, text, hash_key=settings.hash_key, now=now)
    if proof is None:
        identity.note_refusal(session(), staff, "code", now=now, origin=client_ip())
    elif proof == "recovery":
        note(staff.address, "staff.recovery-code", f"staff:{staff.id}")
    commit()
    return proof, "" if proof else _("This code does not fit, or was used before. Please take the next one.")


def too_many() -> str:
    """Return what is said to whoever tried too often."""
    return _("There were too many tries. Please wait fifteen minutes.")


def go_on(target: str) -> Response:
    """Return a redirect to a page that ``safe_next`` gave."""
    response = make_response("", 303)
    response.headers["Location"] = target
    return response


def _form(faults: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    typed = request.form.get("address", "")
    return render_template("staff/sign_in.html", faults=faults or {}, address=typed, action=_action()), status


def _action() -> str:
    # The page to go on to, and the language asked for, are kept from one try to the next.
    values: dict[str, Any] = {name: request.args[name] for name in ("next", "lang") if name in request.args}
    return url_for("staff.take_password", **values)
