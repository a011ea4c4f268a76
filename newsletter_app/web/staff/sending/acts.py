"""What can be done with a campaign: pause, resume, take back, cancel, try again, decide; each is noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from newsletter_app import campaigns, delivery
from newsletter_app.adapters.sender_check import checked_sender
from newsletter_app.authentication import known_faults
from newsletter_app.campaigns import BY_CHECK, Campaign
from newsletter_app.delivery import Kind
from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import note
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.sending.campaign_page import page
from newsletter_app.web.staff.sending.campaign_words import refusal
from newsletter_app.web.staff.sending.found import campaign_of
from newsletter_app.web.staff.telling import told

CONFLICT, UNCLEAR = 409, 422
LONGEST_REASON = 500
Verb = Callable[[Campaign, datetime], dict[str, str]]


@blueprint.post("/campaigns/<int:campaign_id>/pause")
@may("send")
def pause_campaign(actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Stop handing over at once; what is under way still arrives."""

    def pause(found: Campaign, now: datetime) -> dict[str, str]:
        campaigns.pause(session(), found, actor.email, now)
        return {}

    return _act(actor, campaign_id, "paused", pause)


@blueprint.post("/campaigns/<int:campaign_id>/resume")
@may("send")
def resume_campaign(actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Go on; a launch that was held goes out now, one that others would not believe only for a reason."""
    found = campaign_of(campaign_id)
    why = request.form.get("why", "").strip()[:LONGEST_REASON]
    if found.paused_by == BY_CHECK and found.state == "paused" and not why:
        words = _("Say why it goes out although others may not believe it.")
        return page(found, {"why": words}), UNCLEAR

    def resume(found: Campaign, now: datetime) -> dict[str, str]:
        was_checked = found.paused_by == BY_CHECK
        campaigns.resume(session(), found, actor.email, now)
        if not was_checked:
            return {}
        campaigns.waive_authentication(session(), found, actor.email)
        faults = known_faults(session(), checked_sender(ports().settings))
        return {"why": why, "faults": ",".join(fault.code for fault in faults)}

    return _act(actor, campaign_id, "resumed", resume)


@blueprint.post("/campaigns/<int:campaign_id>/undo")
@may("send")
def undo_campaign(actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Take a launch back before it begins."""

    def undo(found: Campaign, now: datetime) -> dict[str, str]:
        campaigns.call_off(session(), found, now)
        return {}

    return _act(actor, campaign_id, "called-off", undo)


@blueprint.post("/campaigns/<int:campaign_id>/cancel")
@may("send")
def cancel_campaign(actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """End it; whoever did not get it gets its tips later, or does not."""
    rest = request.form.get("rest")
    if rest not in ("give-back", "drop"):
        return page(campaign_of(campaign_id), {"rest": _("Choose what becomes of the rest.")}), UNCLEAR

    def cancel(found: Campaign, now: datetime) -> dict[str, str]:
        campaigns.cancel(session(), found, actor.email, now, give_back=rest == "give-back")
        delivery.drop_cancelled(session(), found, now)
        return {"rest": str(rest)}

    return _act(actor, campaign_id, "cancelled", cancel)


@blueprint.post("/campaigns/<int:campaign_id>/retry")
@may("send")
def retry_campaign(actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Try again what did not arrive; what may have arrived only where a second copy is right."""
    kinds = [kind for kind in Kind if kind in request.form.getlist("kind")]
    if not kinds:
        return page(campaign_of(campaign_id), {"kind": _("Choose what to try again.")}), UNCLEAR
    if Kind.uncertain in kinds and "copies" not in request.form:
        words = _("Say that second copies are right, or leave what is uncertain alone.")
        return page(campaign_of(campaign_id), {"copies": words}), UNCLEAR

    def retry(found: Campaign, now: datetime) -> dict[str, str]:
        done = delivery.retry(session(), found, kinds, now)
        return {**{kind.value: str(count) for kind, count in done.rows.items()}, "left": str(done.left)}

    return _act(actor, campaign_id, "retried", retry)


@blueprint.post("/campaigns/<int:campaign_id>/arrived")
@may("send")
def count_arrived(actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Let what is uncertain count as arrived: a person knows, and nobody is mailed."""

    def decide(found: Campaign, now: datetime) -> dict[str, str]:
        return {"rows": str(delivery.count_as_arrived(session(), found, now))}

    return _act(actor, campaign_id, "decided", decide)


def _act(actor: Actor, campaign_id: int, action: str, verb: Verb) -> ResponseReturnValue:
    """Do it, note it and show the page; what a room refuses is told there, and nothing was changed."""
    found, now = campaign_of(campaign_id), ports().clock()
    session().refresh(found, with_for_update=True)
    try:
        details = verb(found, now)
    except Breach as breach:
        words = refusal(breach)
        forget()
        return page(campaign_of(campaign_id), {"acts": words}), CONFLICT
    note(actor.email, f"campaign.{action}", found.occurrence, **details)
    commit()
    return told("staff.campaign", f"campaign-{action}", campaign_id=campaign_id)
