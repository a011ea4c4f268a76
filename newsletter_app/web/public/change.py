"""Asking for the link to one's choices: the same answer for every address, known here or not."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app import subscriptions
from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.subscriptions import SignupForm
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import bilingual
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public import form_token, signup_form
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.limits import TooManySignups, client_ip, count_signup
from newsletter_app.web.public.signup_form import NOTHING_TYPED, Typed
from newsletter_app.web.public.subscribe import evidence_url, sent_url, trouble

WORDS = "link"


@bilingual(blueprint, "change", "GET", "POST")
def change() -> ResponseReturnValue:
    """Show the form, or take it."""
    if request.method != "POST":
        return _show(NOTHING_TYPED)
    given = signup_form.typed()
    try:
        return _take(given)
    except TooManySignups:
        return render_template("public/many_signups.html"), 429
    except SQLAlchemyError as error:
        forget()
        return trouble("change", given, error)


def _take(given: Typed) -> ResponseReturnValue:
    token = form_token.read(ports().settings.secret_key, given.token)
    if "switch" in request.form:
        return _show(given, first=token)
    try:
        address = parse_address(given.address)
    except AddressFault as fault:
        faults = {"address": signup_form.address_sentence(fault.code)}
        return _show(given, faults=faults, first=token), 422
    if given.trap or form_token.judge(token, WORDS, ports().clock()) != "fresh":
        return _show(given, first=token, note=_("Please press the button once more."))
    count_signup(address)
    form = SignupForm(
        address=address,
        language=current_language(),
        page_url=evidence_url(),
        ip=client_ip(),
        user_agent=request.user_agent.string,
    )
    signup = subscriptions.ask_for_link(session(), form, ports().clock())
    commit()
    return redirect(sent_url(signup), 303)


def _show(
    given: Typed,
    *,
    faults: dict[str, str] | None = None,
    note: str = "",
    first: form_token.FormToken | None = None,
) -> str:
    token = form_token.issue(ports().settings.secret_key, WORDS, (), ports().clock(), first)
    return render_template("public/change.html", given=given, token=token, faults=faults or {}, note=note)
