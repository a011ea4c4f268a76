"""Choosing a password: by a mailed link, or signed in; and asking for that link, known here or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from newsletter_app import identity
from newsletter_app.identity import Actor, Staff
from newsletter_app.kernel.languages import LANGUAGES, as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.web.database import commit, session
from newsletter_app.web.errors import IncompleteLink
from newsletter_app.web.language import use_readers_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import client_ip
from newsletter_app.web.public.links import token_of
from newsletter_app.web.shell import organisation
from newsletter_app.web.staff import throttle
from newsletter_app.web.staff.again import person
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import NEXT, enter
from newsletter_app.web.staff.guards import anyone, fresh, lead_to, may, signed_in
from newsletter_app.web.staff.sign_in import REFUSED, TOO_MANY, go_on, too_many
from newsletter_app.web.staff.telling import told

WHY: Final[Mapping[str, LazyString]] = {
    "short": lazy_gettext("This is too short. Please make it longer, for example with one more word."),
    "long": lazy_gettext("This is too long. At most 512 signs are kept."),
    "common": lazy_gettext("Many people use this one, so it is guessed first. Please take another."),
    "obvious": lazy_gettext("This is made of our name or your address. Please take another."),
}


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@anyone
def password_by_link(token: str) -> ResponseReturnValue:
    """Ask for a password, or take it; whoever has a second factor is still asked for that."""
    staff, holds = _of(token)
    if not holds:
        return render_template("staff/link_too_old.html"), 410
    if request.method != "POST":
        return _form(staff, {})
    refusal = take(staff)
    if refusal:
        return _form(staff, {"password": refusal}), REFUSED
    stage = identity.next_stage(staff)
    response = go_on("/console") if stage == "full" else lead_to(NEXT[stage])
    return enter(response, staff, stage, how="link")


@blueprint.get("/forgotten")
@anyone
def forgotten() -> ResponseReturnValue:
    """Ask where to send the link."""
    return render_template("staff/forgotten.html", faults={}, address="")


@blueprint.post("/forgotten")
@anyone
def ask_reset() -> ResponseReturnValue:
    """Send the link, if anybody works here under this address; the page is the same for all (S22)."""
    address = request.form.get("address", "")
    if not throttle.allows(address):
        return render_template(
            "staff/forgotten.html", faults={"address": too_many()}, address=address
        ), TOO_MANY
    now, hash_key = ports().clock(), ports().settings.hash_key
    identity.ask_reset(session(), address, hash_key=hash_key, now=now, origin=client_ip())
    commit()
    return render_template("staff/forgotten_sent.html", address=address)


@blueprint.get("/account/password")
@may("own")
@fresh
def own_password(actor: Actor) -> ResponseReturnValue:
    """Ask for a new password."""
    return _form(person(actor), {})


@blueprint.post("/account/password")
@may("own")
@fresh
def set_own_password(actor: Actor) -> ResponseReturnValue:
    """Take it; every other browser of this person is signed out (S20)."""
    staff = person(actor)
    refusal = take(staff, but=signed_in().session_id)
    if refusal:
        return _form(staff, {"password": refusal}), REFUSED
    commit()
    return told("staff.account", "password-set")


def take(staff: Staff, *, but: int | None = None) -> str:
    """Let ``staff`` have the password of this form; return "" or what to do instead."""
    refusal = identity.set_password(
        session(), staff, request.form.get("password", ""), words=house_words(), now=ports().clock(),
        origin=client_ip(), but=but,
    )  # fmt: skip
    return str(WHY[refusal]) if refusal else ""


def house_words() -> list[str]:
    """Return what anybody would try: the names of the organisation."""
    found = organisation()
    return [found.side(language).name for language in LANGUAGES] if found else []


def _of(text: str) -> tuple[Staff, bool]:
    token = token_of(text, Purpose.PASSWORD)
    staff, holds = identity.of_link(session(), token, ports().links, ports().clock())
    if staff is None:
        raise IncompleteLink
    use_readers_language(as_language(staff.language))
    return staff, holds


def _form(staff: Staff, faults: dict[str, str]) -> str:
    shortest = identity.shortest_password(staff)
    return render_template("staff/password.html", faults=faults, address=staff.address, shortest=shortest)
