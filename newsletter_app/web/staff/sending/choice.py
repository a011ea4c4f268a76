"""When a tip is to go out and to whose readers, as a form says it; what of that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import request

from newsletter_app import campaigns, notices
from newsletter_app.campaigns import Campaign
from newsletter_app.notices import Notice
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.staff.sending.moments import fields_of, typed_moment

UNDO: Final = timedelta(minutes=10)
# A day or a year that was mistyped; a form may lie open for a while.
LATE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen: when ("slot", "at", "now"), the moment that says, and whose readers get it."""

    when: str
    due_at: datetime | None
    date: str
    time: str
    notice_ids: tuple[int, ...]


def as_shown(wanted: Wanted) -> Wanted:
    """Return the choice with its moment written out: a slot that passes meanwhile is not the next one."""
    if wanted.when != "slot" or wanted.due_at is None:
        return wanted
    return Wanted("at", wanted.due_at, *fields_of(wanted.due_at), wanted.notice_ids)


def faults_of(found: Tip, wanted: Wanted, now: datetime) -> dict[str, str]:
    """Return what of the choice cannot be, by field."""
    if has_gone_out(found):
        return {"when": _("This tip went out before, and nobody gets a tip twice.")}
    if not wanted.notice_ids:
        return {"notice": _("Choose at least one notice.")}
    if wanted.due_at is None:
        return {"date": _("Give a day and a time that the clock shows, such as 2026-03-10 and 09:00.")}
    if now - wanted.due_at > LATE:
        return {"date": _("This moment is over. Give one to come.")}
    return {}


def wanted_of(found: Tip, now: datetime) -> Wanted:
    """Return what the request says; a notice that cannot be chosen is not, a moment that is none is None."""
    when = request.values.get("when", "slot")
    day, hour = (request.values.get(name, "").replace("\0", "")[:20] for name in ("date", "time"))
    asked = set(request.values.getlist("notice"))
    ids = tuple(notice.id for notice in choosable(found) if str(notice.id) in asked)
    if when == "now":
        return Wanted(when, now + UNDO, day, hour, ids)
    if when == "at":
        return Wanted(when, typed_moment(day, hour), day, hour, ids)
    return Wanted("slot", campaigns.free_slot(session(), ids or [found.notice_id], now), day, hour, ids)


def choosable(found: Tip) -> list[Notice]:
    """Return the notices that readers can choose, and those the tip stands in anyway."""
    offered = notices.offered(session())
    ids = {notice.id for notice in offered}
    stands_in = ids.union(campaigns.audience_of(session(), found))
    return offered if stands_in == ids else list(notices.by_ids(session(), stands_in))


def as_usual(found: Tip, now: datetime) -> Wanted:
    """What is chosen beforehand: as it is scheduled already, else the next slot, for its own notices."""
    campaign, ids = campaign_of_tip(found), tuple(campaigns.audience_of(session(), found))
    if campaign is not None and campaign.state == "scheduled":
        theirs = tuple(campaigns.notice_ids_of(session(), campaign.id))
        return Wanted("at", campaign.due_at, *fields_of(campaign.due_at), theirs)
    return Wanted("slot", None, *fields_of(campaigns.free_slot(session(), ids, now)), ids)


def campaign_of_tip(found: Tip) -> Campaign | None:
    """Return the tip's own campaign, in whatever state."""
    return campaigns.find_of_tip(session(), found)


def has_gone_out(found: Tip) -> bool:
    """Tell whether readers were mailed it, or are being so."""
    campaign = campaign_of_tip(found)
    return campaign is not None and campaign.started_at is not None
