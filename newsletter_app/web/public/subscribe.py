"""Signing up: one form, one row, one answer for every address; it never looks an address up (S1)."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from newsletter_app import subscriptions
from newsletter_app.kernel.addresses import Address, likely_slip
from newsletter_app.kernel.links import Purpose
from newsletter_app.notices import NoticeView
from newsletter_app.subscriptions import Signup, SignupForm
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.errors import note_trouble
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import bilingual, page_url
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public import elsewhere, form_token, signup_form
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.limits import TooManySignups, client_ip, count_signup
from newsletter_app.web.public.signup_form import Typed
from newsletter_app.web.shell import organisation


@bilingual(blueprint, "subscribe", "GET", "POST")
def subscribe() -> ResponseReturnValue:
    """Show the form, or take it."""
    if request.method != "POST":
        return _show() if signup_form.is_open() else _not_open()
    given = signup_form.typed()
    try:
        return _take(given) if signup_form.is_open() else _not_open()
    except TooManySignups:
        return render_template("public/many_signups.html"), 429
    except SQLAlchemyError as error:
        forget()
        return trouble("subscribe", given, error)


def trouble(page: str, given: Typed, error: Exception) -> ResponseReturnValue:
    """Show that nothing was saved, with what was typed; it works without a database."""
    found = organisation()
    sentence = _("We could not save this. Please try again in a few minutes.")
    if found is not None and found.phone:
        sentence = _(
            "We could not save this. Please try again in a few minutes, or call %(phone)s.", phone=found.phone
        )
    number = note_trouble(error)
    shown = render_template(
        "public/trouble.html", page=page, given=given, sentence=sentence, trouble_id=number
    )
    return shown, 503


def evidence_url() -> str:
    """Return the public address of the present page, for the record of consent; never from Host (S19)."""
    return ports().settings.public_url + request.path


def sent_url(signup: Signup) -> str:
    """Return the address of the page that tells what to do next."""
    token = ports().links.token(Purpose.SENT, (signup.id,), signup.nonce)
    return page_url("sent", token=token)


def _show() -> ResponseReturnValue:
    return render_template("public/subscribe.html", form=signup_form.page(signup_form.offered()))


def _not_open() -> ResponseReturnValue:
    return render_template("public/not_open.html")


def _take(given: Typed) -> ResponseReturnValue:
    token = form_token.read(ports().settings.secret_key, given.token)
    notices = signup_form.shown_order(token)
    known = {notice.id for notice in notices}
    kept = replace(given, notice_ids=tuple(each for each in given.notice_ids if each in known))
    if "switch" in request.form:
        return _again(notices, kept, token)
    if kept != given:
        return _again(notices, kept, token, _("One notice is no longer on offer. We kept the rest."))
    address, faults = signup_form.faults_of(given)
    if address is None or faults:
        form = signup_form.page(notices, given, faults, first=token)
        return render_template("public/subscribe.html", form=form), 422
    words = signup_form.wording_of(notices).evidence()
    if given.trap or form_token.judge(token, words, ports().clock()) != "fresh":
        return _again(notices, given, token, _("Please press the button once more."))
    meant = likely_slip(address)
    if meant is not None and given.answer not in ("use", "keep"):
        return render_template("public/slip.html", given=given, meant=str(meant))
    return _receive(meant if meant is not None and given.answer == "use" else address, given, words)


def _again(
    notices: list[NoticeView], given: Typed, first: form_token.FormToken | None, note: str = ""
) -> ResponseReturnValue:
    form = signup_form.page(notices, given, note=note, first=first)
    return render_template("public/subscribe.html", form=form)


def _receive(address: Address, given: Typed, words: str) -> ResponseReturnValue:
    count_signup(address)
    form = SignupForm(
        address=address,
        notice_ids=given.notice_ids,
        language=current_language(),
        wording=elsewhere.recorded(words, evidence_url(), given.elsewhere),
        page_url=evidence_url(),
        ip=client_ip(),
        user_agent=request.user_agent.string,
        time_zone=given.zone,
    )
    signup = subscriptions.receive(session(), form, ports().clock())
    commit()
    return redirect(sent_url(signup), 303)
