"""A change of address: confirmed at the new one, refused or undone from the old one."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import subscribers
from newsletter_app.kernel.addresses import mask
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import AddressChange, change_state, keep_state
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import use_readers_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.links import change_of


@blueprint.route("/address/<token>", methods=["GET", "POST"])
def address(token: str) -> ResponseReturnValue:
    """Show what pressing would do, or do it."""
    proven, change = change_of(token)
    subscriber = subscribers.find(session(), change.subscriber_id)
    use_readers_language(subscriber.language if subscriber else "en")
    at_new = proven.purpose is Purpose.ADDRESS_CONFIRM
    if request.method == "POST":
        state = _press(change, at_new=at_new)
        commit()
    else:
        state = _state(change, at_new=at_new)
    side = "new" if at_new else "old"
    masked = mask(change.old_address if at_new else change.new_address)
    mine = change.new_address if at_new else change.old_address
    return render_template("public/address.html", side=side, state=state, masked=masked, mine=mask(mine))


def _press(change: AddressChange, *, at_new: bool) -> str:
    hash_key, now = ports().settings.hash_key, ports().clock()
    if at_new:
        return subscribers.confirm_address_change(session(), change.id, hash_key=hash_key, now=now)
    return subscribers.keep_address(session(), change.id, hash_key=hash_key, now=now)


def _state(change: AddressChange, *, at_new: bool) -> str:
    now = ports().clock()
    return change_state(change, now) if at_new else keep_state(change, now)
