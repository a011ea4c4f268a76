"""Sending a tip, in three steps: seen as a mail, given a moment, looked at once more before it is scheduled.

The last page sends nothing by itself: "now" is ten minutes from now, and until then one press takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import authentication, campaigns, notices, planning, rehearsal, tips
from newsletter_app.adapters.sender_check import checked_sender
from newsletter_app.authentication import Word
from newsletter_app.campaigns import Campaign
from newsletter_app.identity import Actor
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Notice
from newsletter_app.preflight import BLOCKS
from newsletter_app.tips import Tip
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import note
from newsletter_app.web.staff.frame import grouped
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.sending.campaign_words import CADENCES
from newsletter_app.web.staff.sending.first_lines import first_lines
from newsletter_app.web.staff.sending.moments import fields_of, moment, typed_moment
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.checks import findings
from newsletter_app.web.staff.writing.finding_words import finding_words
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import PARTS, name_of, title_of

UNDO: Final = timedelta(minutes=10)
# A day or a year that was mistyped; a form may lie open for a while.
LATE: Final = timedelta(minutes=5)
UNCLEAR: Final = 422
WHENS: Final = ("slot", "at", "now")
LAYOUTS: Final = ("standard", "large", "text")
MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen: when (a word of ``WHENS``), the moment that says, and whose readers get it."""

    when: str
    due_at: datetime | None
    date: str
    time: str
    notice_ids: tuple[int, ...]


@blueprint.get("/tips/<int:tip_id>/send")
@may("send")
def send_tip(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Show the test mails and the choice of the moment."""
    return choosing(tip_of(tip_id), {})


@blueprint.get("/tips/<int:tip_id>/send/check")
@may("send")
def check_sending(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Show once more what would go out, to whom and when."""
    found = tip_of(tip_id)
    wanted = _wanted(found, ports().clock())
    if faults := _faults(found, wanted, ports().clock()):
        return choosing(found, faults, wanted), UNCLEAR
    return _last_look(found, wanted, {})


@blueprint.post("/tips/<int:tip_id>/send")
@may("send")
def schedule_tip(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Schedule it, if nothing speaks against it."""
    found, now = tip_of(tip_id), ports().clock()
    wanted = _wanted(found, now)
    if faults := _faults(found, wanted, now):
        return choosing(found, faults, wanted), UNCLEAR
    if faults := _refused(found, wanted, now):
        return _last_look(found, wanted, faults), UNCLEAR
    due_at = wanted.due_at or now
    campaign = campaigns.schedule(
        session(), found, due_at=due_at, by=actor.email, now=now, notice_ids=wanted.notice_ids
    )
    if campaign.state != "scheduled":
        # It was launched between two statements of ours.
        forget()
        return choosing(found, {}), UNCLEAR
    note(actor.email, "tip.scheduled", f"tip:{found.id}", due_at=due_at.isoformat())
    commit()
    return told("staff.campaign", "scheduled", campaign_id=campaign.id)


def choosing(found: Tip, faults: dict[str, str], wanted: Wanted | None = None) -> str:
    """Return the first page; of a tip that went out it only says so."""
    now = ports().clock()
    return render_template(
        "staff/campaigns/send.html",
        tip=found,
        name=name_of(found),
        title=title_of(found),
        campaign=_campaign(found),
        went_out=_has_gone_out(found),
        unseen=[str(PARTS[language]) for language in rehearsal.unrehearsed(session(), found)],
        seen=rehearsal.rehearsals_of(session(), found),
        wording=tips.wording_of(session(), found),
        wanted=wanted or _as_usual(found, now),
        slot=campaigns.free_slot(session(), campaigns.audience_of(session(), found), now),
        notices=_choosable(found),
        languages=[("", _("English and French")), *((each, str(PARTS[each])) for each in LANGUAGES)],
        layouts=[(each, layout_words(each)) for each in LAYOUTS],
        parts=PARTS,
        layout_words=layout_words,
        moment=moment,
        faults=faults,
    )


def layout_words(layout: str) -> str:
    """Return a layout's name."""
    return {"standard": _("Standard"), "large": _("Large print"), "text": _("Text only")}.get(layout, layout)


def _last_look(found: Tip, wanted: Wanted, faults: dict[str, str]) -> str:
    now, wanted = ports().clock(), _as_shown(wanted)
    all_found = findings(found)
    reached = planning.reached(session(), wanted.notice_ids, now)
    stops = [finding_words(one) for one in all_found if one.level == BLOCKS]
    unseen = [str(PARTS[language]) for language in rehearsal.unrehearsed(session(), found)]
    return render_template(
        "staff/campaigns/check.html",
        tip=found,
        name=name_of(found),
        wanted=wanted,
        due_at=wanted.due_at,
        moment=moment,
        notices=[each.side(current_language()).name for each in notices.by_ids(session(), wanted.notice_ids)],
        audience=_audience(reached),
        reached=reached,
        is_big=reached.readers() > campaigns.BIG,
        stops=stops,
        unseen=unseen,
        hints=[finding_words(one) for one in all_found if one.level != BLOCKS],
        disbelieved=_disbelieved(),
        lines=first_lines(found) if not stops else [],
        can_send=not stops and not unseen,
        parts=PARTS,
        faults=faults,
    )


def _as_shown(wanted: Wanted) -> Wanted:
    """Return the choice with its moment written out: a slot that passes meanwhile is not the next one."""
    if wanted.when != "slot" or wanted.due_at is None:
        return wanted
    return Wanted("at", wanted.due_at, *fields_of(wanted.due_at), wanted.notice_ids)


def _audience(reached: planning.Reached) -> list[tuple[str, list[int], int]]:
    """Return a row per cadence: its words, how many read each language, how many in all."""
    cadences = sorted({key[0] for key in reached.counts}, key=list(CADENCES).index)
    return [
        (
            str(CADENCES[cadence]),
            [reached.readers(cadence, language) for language in LANGUAGES],
            reached.readers(cadence),
        )
        for cadence in cadences
    ]


def _disbelieved() -> bool:
    """Whether the last look at the DNS found that others would not believe who sends."""
    return authentication.last_word(session(), checked_sender(ports().settings)) is Word.stay


def _refused(found: Tip, wanted: Wanted, now: datetime) -> dict[str, str]:
    """Return what forbids to schedule it, by the field that would mend it."""
    if any(one.level == BLOCKS for one in findings(found)):
        return {"stops": _("Something still stops the mail. Mend it first.")}
    if rehearsal.unrehearsed(session(), found):
        return {"unseen": _("Send yourself a test mail first: the tip was changed since the last one.")}
    readers = planning.reached(session(), wanted.notice_ids, now).readers()
    said = "".join(sign for sign in request.form.get("readers", "") if sign.isdecimal())[:MOST_DIGITS]
    if not campaigns.is_count_said(int(said) if said else None, readers):
        return {"readers": _("Type how many readers get it: %(readers)s", readers=grouped(readers))}
    return {}


def _faults(found: Tip, wanted: Wanted, now: datetime) -> dict[str, str]:
    """Return what of the choice cannot be, by field."""
    if _has_gone_out(found):
        return {"when": _("This tip went out before, and nobody gets a tip twice.")}
    if not wanted.notice_ids:
        return {"notice": _("Choose at least one notice.")}
    if wanted.due_at is None:
        return {"date": _("Give a day and a time that the clock shows, such as 2026-03-10 and 09:00.")}
    if now - wanted.due_at > LATE:
        return {"date": _("This moment is over. Give one to come.")}
    return {}


def _wanted(found: Tip, now: datetime) -> Wanted:
    when = request.values.get("when", "slot")
    day, hour = (request.values.get(name, "").replace("\0", "")[:20] for name in ("date", "time"))
    asked = set(request.values.getlist("notice"))
    ids = tuple(notice.id for notice in _choosable(found) if str(notice.id) in asked)
    if when == "now":
        return Wanted(when, now + UNDO, day, hour, ids)
    if when == "at":
        return Wanted(when, typed_moment(day, hour), day, hour, ids)
    return Wanted("slot", campaigns.free_slot(session(), ids or [found.notice_id], now), day, hour, ids)


def _choosable(found: Tip) -> list[Notice]:
    """Return the notices that readers can choose, and those the tip stands in anyway."""
    ids = {notice.id for notice in notices.offered(session())}
    return list(notices.by_ids(session(), ids.union(campaigns.audience_of(session(), found))))


def _as_usual(found: Tip, now: datetime) -> Wanted:
    """What is chosen beforehand: as it is scheduled already, else the next slot, for its own notices."""
    campaign, ids = _campaign(found), tuple(campaigns.audience_of(session(), found))
    if campaign is not None and campaign.state == "scheduled":
        theirs = tuple(campaigns.notice_ids_of(session(), campaign.id))
        return Wanted("at", campaign.due_at, *fields_of(campaign.due_at), theirs)
    return Wanted("slot", None, *fields_of(campaigns.free_slot(session(), ids, now)), ids)


def _campaign(found: Tip) -> Campaign | None:
    return campaigns.find_of_tip(session(), found)


def _has_gone_out(found: Tip) -> bool:
    campaign = _campaign(found)
    return campaign is not None and campaign.started_at is not None
