"""The first start's own page: behind the link from the terminal, somebody becomes the owner."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.kernel.addresses import AddressFault
from newsletter_app.kernel.links import Purpose
from newsletter_app.web.database import forget, session
from newsletter_app.web.errors import IncompleteLink
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.links import token_of
from newsletter_app.web.public.signup_form import address_sentence
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import enter
from newsletter_app.web.staff.guards import anyone, lead_to
from newsletter_app.web.staff.password import take
from newsletter_app.web.staff.sign_in import REFUSED


@blueprint.route("/begin/<token>", methods=["GET", "POST"])
@anyone
def begin(token: str) -> ResponseReturnValue:
    """Ask who the owner is, or take it; the second factor is next, and after that the link is dead."""
    if not identity.proves_first(session(), token_of(token, Purpose.FIRST_START), ports().links):
        raise IncompleteLink
    if not identity.is_open(session()):
        return render_template("staff/begun.html"), 410
    if request.method != "POST":
        return _form({})
    try:
        staff = identity.first_owner(
            session(), request.form.get("address", ""), current_language(), now=ports().clock(),
            hash_key=ports().settings.hash_key,
        )  # fmt: skip
    except AddressFault as fault:
        return _form({"address": address_sentence(fault.code)}), REFUSED
    if refusal := take(staff):
        forget()
        return _form({"password": refusal}), REFUSED
    return enter(lead_to("staff.second_factor", next="/console/set-up"), staff, "enrol", how="first-start")


def _form(faults: dict[str, str]) -> str:
    return render_template("staff/begin.html", faults=faults, address=request.form.get("address", ""))
