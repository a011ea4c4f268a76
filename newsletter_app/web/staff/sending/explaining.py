"""Did this reader get it: one reader, one tip, one answer; the address is posted, so that no log keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from newsletter_app import campaigns, planning, subscribers
from newsletter_app.identity import Actor
from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.words import sentence
from newsletter_app.planning import Code, Explanation
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.sending.campaign_words import called
from newsletter_app.web.staff.sending.moments import moment
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import name_of

UNCLEAR: Final = 422
ANSWERS: Final[Mapping[Code, LazyString]] = {
    Code.received: lazy_gettext("Yes. A mail server took it."),
    Code.came_back: lazy_gettext("No. A mail server took it, and it came back."),
    Code.uncertain: lazy_gettext("Perhaps. It left, and no server said whether it arrived."),
    Code.under_way: lazy_gettext("It is on its way now."),
    Code.queued: lazy_gettext("Not yet. It is planned."),
    Code.put_off: lazy_gettext("Not yet. Their server put it off."),
    Code.held: lazy_gettext("Not yet. Its campaign is paused."),
    Code.comes_again: lazy_gettext("Not yet. It comes with their next mail, since the last try failed."),
    Code.waits: lazy_gettext("Not yet. It comes with their next mail."),
    Code.ahead: lazy_gettext("Not yet. They read from tip 1, and this one is still ahead."),
    Code.paused: lazy_gettext("Not yet. They take a break."),
    Code.offered: lazy_gettext("No. It came out during their break. Their page offers it."),
    Code.suppressed: lazy_gettext("No. Nothing may be mailed to this address."),
    Code.refused: lazy_gettext("No. Their server refused it."),
    Code.ended: lazy_gettext("No. They stopped."),
    Code.dropped: lazy_gettext("No. Its campaign was cancelled."),
    Code.withdrawn: lazy_gettext("No. The tip was taken off the web."),
    Code.confirmed_after: lazy_gettext("No. They confirmed after it had gone out."),
    Code.not_kept: lazy_gettext("Who got it is no longer kept."),
    Code.unconfirmed: lazy_gettext("No. They never confirmed."),
    Code.not_subscribed: lazy_gettext("No. They do not read its notice."),
    Code.scheduled: lazy_gettext("Not yet. Its launch is to come."),
    Code.not_sent: lazy_gettext("No. The tip was not sent to anybody."),
}
# What stands in ``why`` there is a server's own word, which may name the reader to whoever asked for them.
QUOTED: Final = frozenset({Code.came_back, Code.put_off, Code.refused})


@blueprint.get("/tips/<int:tip_id>/reader")
@may("serve")
def ask_for_reader(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Ask for the reader's address."""
    return _page(tip_of(tip_id), "", {})


@blueprint.post("/tips/<int:tip_id>/reader")
@may("serve")
def explain_reader(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Say whether this reader got the tip, and why or why not; nothing is changed."""
    found, address, now = tip_of(tip_id), request.form.get("address", "").strip(), ports().clock()
    try:
        parsed = parse_address(address)
    except AddressFault:
        fault = _("This is no whole email address, such as rose@example.ca.")
        return _page(found, address, {"address": fault}), UNCLEAR
    reader = subscribers.find_by_address(session(), parsed, ports().settings.hash_key)
    if reader is None:
        return _page(found, address, {"address": _("Nobody with this address gets our mail.")}), UNCLEAR
    told = planning.explain(planning.known_of(session(), reader, found, now), now)
    return _page(found, address, {}, told)


def _page(found: Tip, address: str, faults: dict[str, str], told: Explanation | None = None) -> str:
    campaign = campaigns.find_by_occurrence(session(), told.campaign) if told is not None else None
    return render_template(
        "staff/campaigns/reader.html",
        tip=found,
        name=name_of(found),
        address=address,
        faults=faults,
        answer=str(ANSWERS[told.code]) if told is not None else "",
        at=sentence(moment(told.at)) if told is not None and told.at is not None else "",
        quoted=told.why if told is not None and told.code in QUOTED else "",
        campaign=campaign,
        campaign_name=called(campaign) if campaign is not None else "",
    )
