"""The staff as owners see them: invite, give a role, let in no more, take a lost second factor off."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import ROLES, Actor, Role, Staff
from newsletter_app.kernel.addresses import AddressFault
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import as_language
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.public.links import HIGHEST_ID
from newsletter_app.web.public.signup_form import address_sentence
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import fresh, may, refused
from newsletter_app.web.staff.sign_in import REFUSED
from newsletter_app.web.staff.telling import told


@blueprint.get("/staff")
@may("appoint")
@fresh
def people(_actor: Actor) -> ResponseReturnValue:
    """Show everyone, and the form that invites."""
    return _list({})


@blueprint.post("/staff")
@may("appoint")
@fresh
def invite(actor: Actor) -> ResponseReturnValue:
    """Invite somebody, who is mailed a link."""
    address, language = request.form.get("address", ""), as_language(request.form.get("language"))
    try:
        identity.invite(
            session(), address, _role(), language, by=actor.email, hash_key=ports().settings.hash_key,
            now=ports().clock(), origin=client_ip(),
        )  # fmt: skip
    except AddressFault as fault:
        return _list({"address": address_sentence(fault.code)}), REFUSED
    except Breach:
        return _list({"address": _("This person is here already. See the list.")}), REFUSED
    commit()
    return told("staff.people", "invited")


@blueprint.get("/staff/<int:staff_id>")
@may("appoint")
@fresh
def one_person(actor: Actor, staff_id: int) -> ResponseReturnValue:
    """Show one person, and what can be done about them."""
    staff = _found(staff_id)
    is_other = identity.may_change_staff(actor, staff_id=staff.id)
    return render_template("staff/person.html", staff=staff, is_other=is_other)


@blueprint.post("/staff/<int:staff_id>")
@may("appoint")
@fresh
def change_person(actor: Actor, staff_id: int) -> ResponseReturnValue:
    """Do what the pressed button says; nobody does it to themselves."""
    staff = _found(staff_id)
    if not identity.may_change_staff(actor, staff_id=staff.id):
        return refused()
    try:
        said = _change(staff, request.form.get("act", ""), actor.email)
    except Breach as breach:
        forget()
        said = "last-owner" if breach.code == "last-owner" else "nothing-changed"
        return told("staff.one_person", said, staff_id=staff_id)
    commit()
    return told("staff.one_person", said, staff_id=staff_id)


def _change(staff: Staff, act: str, by: str) -> str:
    """Do ``act`` and return what is then said. Raises Breach; an unknown act is a bad request."""
    now, origin = ports().clock(), client_ip()
    if act == "role":
        identity.set_role(session(), staff, _role(), by=by, now=now, origin=origin)
    elif act == "disable":
        identity.disable(session(), staff, by=by, now=now, origin=origin)
    elif act == "enable":
        identity.enable(session(), staff, by=by, now=now, origin=origin)
    elif act == "take-second-factor":
        identity.forget_second_factor(session(), staff, by=by, now=now, origin=origin)
    elif act == "invite":
        identity.invite_again(session(), staff, by=by, now=now, origin=origin)
        return "invited"
    else:
        abort(400)
    return "saved"


def _role() -> Role:
    role = request.form.get("role", "")
    if role not in ROLES:
        abort(400)
    return role


def _found(staff_id: int) -> Staff:
    staff = identity.find(session(), staff_id) if staff_id <= HIGHEST_ID else None
    if staff is None:
        abort(404)
    return staff


def _list(faults: dict[str, str]) -> str:
    typed = request.form.get("address", "")
    everyone = identity.everyone(session())
    return render_template("staff/people.html", everyone=everyone, faults=faults, address=typed)
