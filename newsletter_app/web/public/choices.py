"""Your choices: who came by which link, and one page whose sections each save alone."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import subscriptions
from newsletter_app.kernel.addresses import mask, parse_address
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import SignupForm
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language, use_readers_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public import choices_page
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.choices_sections import SECTIONS
from newsletter_app.web.public.fresh import owner_of, too_old
from newsletter_app.web.public.limits import client_ip, count_signup
from newsletter_app.web.public.links import reader_of, token_of
from newsletter_app.web.public.outcomes import Outcome
from newsletter_app.web.public.sent import show_sent

FRESH_LINK = "fresh-link"


@blueprint.route("/choices/<token>", methods=["GET", "POST"])
def choices(token: str) -> ResponseReturnValue:
    """Show a reader's choices, or save one section of them."""
    by_fresh_link = token_of(token, Purpose.CHOICES, Purpose.MANAGE).purpose is Purpose.MANAGE
    if not by_fresh_link:
        subscriber, is_outdated = reader_of(token)
        return _outdated(subscriber) if is_outdated else _answer(subscriber, may_manage=False)
    signup, owner = owner_of(token)
    return too_old(signup) if owner is None else _answer(owner, may_manage=True)


def _answer(subscriber: Subscriber, *, may_manage: bool) -> ResponseReturnValue:
    use_readers_language(subscriber.language)
    if request.method != "POST":
        return choices_page.show(subscriber, Outcome(), may_manage=may_manage)
    section = request.form.get("section", "")
    if section == FRESH_LINK:
        return _send_link(subscriber)
    save = SECTIONS.get(section)
    # A newsletter is forwarded: its link changes nothing that is the owner's alone.
    if save is None or (save.needs_fresh_link and not may_manage):
        return choices_page.show(subscriber, Outcome(), may_manage=may_manage)
    outcome = save.act(subscriber)
    if not outcome.faults:
        commit()
    page = choices_page.show(subscriber, outcome, may_manage=may_manage)
    return (page, 422) if outcome.faults else page


def _outdated(subscriber: Subscriber) -> ResponseReturnValue:
    """Offer a fresh link to the address on file; what came to the old one shows and changes nothing."""
    use_readers_language(subscriber.language)
    if request.method == "POST":
        return _send_link(subscriber)
    return render_template("public/too_old.html", masked=mask(subscriber.address))


def _send_link(subscriber: Subscriber) -> ResponseReturnValue:
    count_signup(parse_address(subscriber.address))
    form = SignupForm(
        address=parse_address(subscriber.address),
        language=current_language(),
        page_url=f"{ports().settings.public_url}/choices",
        ip=client_ip(),
        user_agent=request.user_agent.string,
    )
    signup = subscriptions.ask_for_link(session(), form, ports().clock())
    commit()
    return show_sent(signup)
