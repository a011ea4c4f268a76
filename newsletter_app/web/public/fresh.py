"""Pages behind a fresh link to the address on file: whose they are, and what an old link is answered with."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import subscribers, subscriptions
from newsletter_app.kernel.addresses import address_key, mask, parse_address
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import CONFIRM_WITHIN, Signup
from newsletter_app.web.database import commit, session
from newsletter_app.web.errors import NothingHeld
from newsletter_app.web.language import use_readers_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.limits import count_signup
from newsletter_app.web.public.links import signup_of
from newsletter_app.web.public.sent import show_sent


def owner_of(token: str) -> tuple[Signup, Subscriber | None]:
    """Return the wish for this link and whose it is; nobody's where the link is too old.

    Raises IncompleteLink, and NothingHeld where nobody is behind it any more.
    """
    _token, signup = signup_of(token, Purpose.MANAGE)
    use_readers_language(signup.language)
    owner = subscribers.find(session(), signup.subscriber_id) if signup.subscriber_id else None
    if owner is None:
        raise NothingHeld
    is_old = ports().clock() - signup.created_at > CONFIRM_WITHIN
    if is_old or not _is_still_theirs(signup, owner):
        return signup, None
    use_readers_language(owner.language)
    return signup, owner


def too_old(signup: Signup) -> ResponseReturnValue:
    """Offer another link with no typing, or send it."""
    if request.method == "POST":
        count_signup(parse_address(signup.address))
        renewed = subscriptions.renew_link(session(), signup, ports().clock())
        commit()
        return show_sent(renewed)
    return render_template("public/too_old.html", masked=mask(signup.address))


def _is_still_theirs(signup: Signup, owner: Subscriber) -> bool:
    # After a change of address, a link that was sent to the old one is worth nothing.
    key = address_key(ports().settings.hash_key, parse_address(signup.address))
    return key == owner.address_key
