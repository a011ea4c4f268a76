"""What somebody at the desk ought to look at, the gravest first, and only what they may mend or must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import url_for
from flask_babel import LazyString, lazy_gettext

from newsletter_app import authentication, campaigns, feedback, identity, ledger, preflight, tips
from newsletter_app import organisation as organisations
from newsletter_app.adapters.sender_check import checked_sender
from newsletter_app.adapters.vitals import LATE_AFTER, tick_ages
from newsletter_app.identity import Actor
from newsletter_app.tips import writing
from newsletter_app.web.database import session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.phrases import ngettext
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.sending.campaign_words import called, state_of, whole_name, why_held

STALE: Final = timedelta(days=30)
# The next launches whose tips are looked at, and how many events are counted.
SOON: Final = 5
MANY: Final = 100
LOCKS: Final[Mapping[str, LazyString]] = {
    "restored": lazy_gettext("a backup was put back"),
    "database-went-back": lazy_gettext("the database went back in time"),
}


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to look at; ``url`` is where, "" where the console has no page for it."""

    words: str
    why: str = ""
    url: str = ""


def to_do(actor: Actor, now: datetime) -> list[ToDo]:
    """Return what this person ought to look at now."""
    found = [*_stops(now), *_held(), *_trouble()]
    if identity.may(actor, "arrange"):
        found += _set_up()
    if identity.may(actor, "approve"):
        found += _waiting()
    if identity.may(actor, "write"):
        found += [*_blocked(now), *_resting(now)]
    return [*found, *_came_back()]


def _stops(now: datetime) -> Iterator[ToDo]:
    for lock in ledger.locks(session()):
        why = str(LOCKS.get(lock.reason, lock.reason))
        yield ToDo(_("All sending is locked: %(why)s.", why=why), _("The operator must unlock it."))
    ages = [age for age in tick_ages(session(), now).values() if age is not None]
    if ages and max(ages) > LATE_AFTER.total_seconds():
        yield ToDo(
            _("The part that sends has not been heard of for a while."),
            _("Nothing goes out. Tell the operator."),
        )


def _held() -> Iterator[ToDo]:
    everything = [*campaigns.to_come(session()), *campaigns.under_way(session())]
    for campaign in everything:
        if campaign.state == "paused":
            name = _("%(what)s: %(why)s", what=state_of(campaign), why=called(campaign))
            url = url_for("staff.campaign", campaign_id=campaign.id)
            yield ToDo(name, " ".join(why_held(campaign)), url)


def _trouble() -> Iterator[ToDo]:
    for breaker in ledger.open_breakers(session()):
        yield ToDo(
            _("%(server)s takes no mail from us at present.", server=breaker.name), str(ledger.why(breaker))
        )
    faults = authentication.known_faults(session(), checked_sender(ports().settings))
    if faults:
        told = ", ".join(f"{fault.code} {fault.subject}".strip() for fault in faults)
        yield ToDo(_("Others would not believe that our mail is ours."), told)


def _set_up() -> Iterator[ToDo]:
    if organisations.missing_identification(organisations.find(session())):
        url = url_for("staff.set_up_organisation")
        yield ToDo(_("The law asks for more about who sends. Nothing goes out before that."), url=url)


def _waiting() -> Iterator[ToDo]:
    if count := writing.count_on_desk(session(), stage="in-review"):
        words = ngettext("%(num)s tip waits for approval.", "%(num)s tips wait for approval.", count)
        yield ToDo(words, url=url_for("staff.tips", stage="in-review"))


def _blocked(now: datetime) -> Iterator[ToDo]:
    """Yield tips that would be held, were they launched as they are."""
    coming = [one for one in campaigns.to_come(session()) if one.state == "scheduled" and one.tip_id]
    for campaign in coming[:SOON]:
        tip = tips.find(session(), campaign.tip_id) if campaign.tip_id is not None else None
        if tip is not None and preflight.blocking_codes(session(), tip, now):
            words = _("%(what)s is scheduled, but something stops it.", what=whole_name(tip))
            yield ToDo(words, url=url_for("staff.checks", tip_id=tip.id))


def _resting(now: datetime) -> Iterator[ToDo]:
    if count := writing.count_resting(session(), now - STALE):
        words = ngettext(
            "%(num)s draft has rested for more than a month.",
            "%(num)s drafts have rested for more than a month.",
            count,
        )
        yield ToDo(words, url=url_for("staff.tips", stage="draft"))


def _came_back() -> Iterator[ToDo]:
    if count := feedback.count_waiting(session(), MANY):
        words = ngettext(
            "%(num)s mail that came back waits to be read.",
            "%(num)s mails that came back wait to be read.",
            count,
        )
        yield ToDo(words, _("The operator can read them with “flask feedback list --waiting”."))
