"""A campaign in words: what it is called, how it stands, why it is held, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Final

from flask_babel import LazyString, lazy_gettext

from newsletter_app import tips
from newsletter_app.campaigns import (
    BY_BREAKER,
    BY_CHECK,
    BY_QUESTION,
    CORRECTION,
    GIVEN_BACK,
    OVERDUE,
    SERIES,
    Campaign,
)
from newsletter_app.kernel import words
from newsletter_app.kernel.errors import Breach
from newsletter_app.preflight import BLOCKS, REVIEW_OVERDUE, Finding
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.staff.writing.finding_words import finding_words
from newsletter_app.web.staff.writing.naming import name_of

STATES: Final[Mapping[str, LazyString]] = {
    "scheduled": lazy_gettext("Scheduled"),
    "planning": lazy_gettext("Being prepared"),
    "sending": lazy_gettext("Being sent"),
    "paused": lazy_gettext("Paused"),
    "finished": lazy_gettext("Finished"),
    "cancelled": lazy_gettext("Cancelled"),
}
ROWS: Final[Mapping[str, LazyString]] = {
    "queued": lazy_gettext("Waiting"),
    "claimed": lazy_gettext("Under way"),
    "deferred": lazy_gettext("Put off by the server"),
    "accepted": lazy_gettext("Accepted"),
    "refused": lazy_gettext("Refused"),
    "expired": lazy_gettext("Waited too long"),
    "skipped": lazy_gettext("Left out"),
    "uncertain": lazy_gettext("Uncertain"),
}
REASONS: Final[Mapping[str, LazyString]] = {
    "hard": lazy_gettext("the address does not exist"),
    "soft": lazy_gettext("the mailbox takes nothing now"),
    "sender-fault": lazy_gettext("the server refuses us"),
    "unsendable": lazy_gettext("no mail can be written to this address"),
    "no-reply": lazy_gettext("the server took it and never answered"),
    "lease-lost": lazy_gettext("the machine that sent it went away"),
    "too-late": lazy_gettext("the campaign was over"),
    "ended": lazy_gettext("the reader stopped"),
    "suppressed": lazy_gettext("the address is not to be mailed"),
    "paused": lazy_gettext("the reader takes a break"),
    "changed": lazy_gettext("the reader changed their choices"),
    "cancelled": lazy_gettext("the campaign was cancelled"),
    "decided": lazy_gettext("somebody said that it arrived"),
    "retried": lazy_gettext("tried again"),
}
CADENCES: Final[Mapping[str, LazyString]] = {
    "each": lazy_gettext("each tip"),
    "weekly": lazy_gettext("once a week"),
    "monthly": lazy_gettext("once a month"),
}
REFUSED: Final[Mapping[str, LazyString]] = {
    "campaign-begun": lazy_gettext("It has begun meanwhile. You can pause or cancel it."),
    "campaign-cancelled": lazy_gettext("It is cancelled, so nothing of it is sent any more."),
    "campaign-ended": lazy_gettext("It has ended, so nothing is left to stop."),
    "campaign-not-launched": lazy_gettext("It has not begun, so there is nothing to try again."),
    "campaign-not-paused": lazy_gettext("It is not paused, so there is nothing to resume."),
    "campaign-not-running": lazy_gettext("It is not running, so there is nothing to pause."),
    "campaign-recalled": lazy_gettext(
        "It mails a tip that was taken off the web. Cancel it, or put the tip back on the web first."
    ),
    "campaign-too-old": lazy_gettext("Its time is over. What it did not bring comes with a later mail."),
    "campaign-without-tip": lazy_gettext("Its tip is gone. Cancel it."),
}


def refusal(breach: Breach) -> str:
    """Return what a page says of a breach; one without words is a fault of ours and raised again."""
    if breach.code not in REFUSED:
        raise breach
    return str(REFUSED[breach.code])


def called(campaign: Campaign, tip: Tip | None = None) -> str:
    """Return what a campaign is called: "Tip 24: Walk more", or which day's weekly email it is.

    ``tip`` is its own, where that was read already.
    """
    if campaign.tip_id is not None:
        tip = tip or tips.find(session(), campaign.tip_id)
        return whole_name(tip) if tip is not None else campaign.occurrence
    if campaign.kind == CORRECTION:
        return _("Correction by email")
    if campaign.day is None:
        return campaign.occurrence
    # A day is a day wherever it is.
    noon = datetime.combine(campaign.day, time(12), UTC)
    day = words.day(noon, "UTC", current_language())
    if campaign.cadence == "weekly":
        return _("Weekly email of %(day)s", day=day)
    if campaign.cadence == SERIES:
        return _("Series emails of %(day)s", day=day)
    return _("Monthly email of %(day)s", day=day)


def state_of(campaign: Campaign) -> str:
    """Return how it stands, in a word or two; a launch that a person is asked about is held."""
    if campaign.state == "paused" and campaign.paused_by in (BY_QUESTION, BY_CHECK):
        return _("Held")
    return str(STATES[campaign.state])


def why_held(campaign: Campaign) -> list[str]:
    """Return why it stands still and what to do about it, a sentence or two each."""
    if campaign.state == "cancelled":
        given_back = campaign.pause_reason == GIVEN_BACK
        left = _("Whoever did not get it gets its tips with a later mail.")
        return [left if given_back else _("Whoever did not get it does not get it any more.")]
    if campaign.state != "paused":
        return []
    reason = campaign.pause_reason
    if campaign.paused_by == BY_BREAKER:
        told = _("No mail server takes our mail: %(reason)s", reason=reason)
        return [told, _("It goes on by itself once one does. Resume it to try now.")]
    if campaign.paused_by == BY_CHECK:
        return [
            _("Others would not believe that this mail is ours."),
            *(_("The DNS says: %(fault)s", fault=fault) for fault in reason.split(",")),
            _("The operator can see with “flask doctor” what to mend. Then it goes on by itself."),
        ]
    if campaign.paused_by == BY_QUESTION:
        return _held(reason)
    return [_("Somebody paused it (%(who)s).", who=reason.removeprefix("by "))]


def _held(reason: str) -> list[str]:
    if reason == OVERDUE:
        return [
            _("It is more than six hours late, so we ask first."),
            _("Resume it to send it now, or cancel it."),
        ]
    parts = [code.partition(":") for code in reason.split(",")]
    found = [finding_words(Finding(code, BLOCKS, where)) for code, _colon, where in parts]
    if reason == REVIEW_OVERDUE:
        return [*found, _("Once somebody checks the tip again, it goes on by itself.")]
    return [*found, _("Mend that, then resume it.")]


def whole_name(tip: Tip) -> str:
    """Return "Tip 24: Walk more", as readers see it, or what there is of it."""
    title = tips.shown_side(tip, current_language()).title if tip.sides else ""
    if tip.number is None or not title:
        return title or name_of(tip)
    return _("%(what)s: %(why)s", what=name_of(tip), why=title)
