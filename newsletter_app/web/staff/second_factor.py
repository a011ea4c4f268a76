"""Setting up the second factor: a seed for an app, its first code, and the recovery codes, shown once."""

from __future__ import annotations

import segno
from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import identity
from newsletter_app.identity import Actor, Staff
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.shell import organisation
from newsletter_app.web.staff import throttle
from newsletter_app.web.staff.again import person
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import enter
from newsletter_app.web.staff.guards import fresh, lead_to, may, safe_next, signed_in
from newsletter_app.web.staff.sign_in import REFUSED, too_many


@blueprint.get("/second-factor")
@may("own", while_enrolling=True)
@fresh
def second_factor(actor: Actor) -> ResponseReturnValue:
    """Show the picture for the app and ask for its first code."""
    return _page(person(actor), {})


@blueprint.post("/second-factor/new")
@may("own", while_enrolling=True)
@fresh
def new_second_factor(actor: Actor) -> ResponseReturnValue:
    """Make a new seed; the one in use stays until the new one's first code was seen."""
    identity.begin_second_factor(session(), person(actor), hash_key=ports().settings.hash_key)
    commit()
    return lead_to("staff.second_factor", next=safe_next(request.values.get("next")))


@blueprint.post("/second-factor")
@may("own", while_enrolling=True)
@fresh
def confirm_second_factor(actor: Actor) -> ResponseReturnValue:
    """Take the first code, show the recovery codes, and let in whoever was on the way."""
    staff = person(actor)
    if not throttle.allows(staff.address):
        return _page(staff, {"code": too_many()}), REFUSED
    codes = identity.confirm_second_factor(
        session(), staff, request.form.get("code", ""), hash_key=ports().settings.hash_key,
        now=ports().clock(), origin=client_ip(),
    )  # fmt: skip
    if codes is None:
        return _page(staff, {"code": _("This code does not fit. Please take the next one.")}), REFUSED
    return enter(make_response(_codes_page(codes)), staff, "full", how="code")


@blueprint.post("/recovery-codes")
@may("own")
@fresh
def new_recovery_codes(actor: Actor) -> ResponseReturnValue:
    """Make new recovery codes; the old ones are worth nothing from now on."""
    codes = identity.new_recovery_codes(session(), person(actor), hash_key=ports().settings.hash_key)
    commit()
    return _codes_page(codes)


def _codes_page(codes: list[str]) -> str:
    target = safe_next(request.values.get("next"))
    return render_template("staff/recovery_codes.html", codes=codes, target=target)


def _page(staff: Staff, faults: dict[str, str]) -> str:
    seed = identity.candidate(staff, hash_key=ports().settings.hash_key)
    found = organisation()
    issuer = found.side(current_language()).name if found else ""
    url = identity.second_factor.app_url(seed, staff.address, issuer or _("Console")) if seed else ""
    picture = segno.make(url, error="m").svg_inline(scale=5, light="#fff") if url else ""
    return render_template(
        "staff/second_factor.html",
        faults=faults,
        picture=picture,
        url=url,
        spelled=identity.second_factor.spelled(seed) if seed else "",
        is_needed=signed_in().stage == "enrol",
    )
