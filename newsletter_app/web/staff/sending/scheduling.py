"""Sending a tip, in three steps: seen as a mail, given a moment, looked at once more before it is scheduled.

The last page sends nothing by itself: "now" is ten minutes from now, and until then one press takes it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import authentication, campaigns, notices, planning, rehearsal, tips
from newsletter_app.adapters.sender_check import checked_sender
from newsletter_app.authentication import Word
from newsletter_app.identity import Actor
from newsletter_app.kernel.languages import LANGUAGES
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
from newsletter_app.web.staff.sending.choice import (
    Wanted,
    as_shown,
    as_usual,
    campaign_of_tip,
    choosable,
    faults_of,
    has_gone_out,
    wanted_of,
)
from newsletter_app.web.staff.sending.first_lines import Remembering, first_lines
from newsletter_app.web.staff.sending.moments import moment
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.checks import findings
from newsletter_app.web.staff.writing.finding_words import finding_words
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import PARTS, name_of, title_of

UNCLEAR: Final = 422
LAYOUTS: Final = ("standard", "large", "text")
MOST_DIGITS: Final = 9


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
    wanted = wanted_of(found, ports().clock())
    if faults := faults_of(found, wanted, ports().clock()):
        return choosing(found, faults, wanted), UNCLEAR
    return _last_look(found, wanted, {})


@blueprint.post("/tips/<int:tip_id>/send")
@may("send")
def schedule_tip(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Schedule it, if nothing speaks against it."""
    found, now = tip_of(tip_id), ports().clock()
    wanted = wanted_of(found, now)
    if faults := faults_of(found, wanted, now):
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
    now, seen = ports().clock(), rehearsal.rehearsals_of(session(), found)
    return render_template(
        "staff/campaigns/send.html",
        tip=found,
        name=name_of(found),
        title=title_of(found),
        campaign=campaign_of_tip(found),
        went_out=has_gone_out(found),
        unseen=[str(PARTS[language]) for language in rehearsal.unrehearsed(session(), found)],
        seen=seen,
        wording=tips.wording_of(session(), found) if seen else "",
        wanted=wanted or as_usual(found, now),
        slot=campaigns.free_slot(session(), campaigns.audience_of(session(), found), now),
        notices=choosable(found),
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
    now, wanted = ports().clock(), as_shown(wanted)
    composer = Remembering()
    all_found = findings(found, composer, shown=tips.as_it_would_leave)
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
        lines=first_lines(found, composer) if not stops else [],
        can_send=not stops and not unseen,
        parts=PARTS,
        faults=faults,
    )


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
    if any(one.level == BLOCKS for one in findings(found, shown=tips.as_it_would_leave)):
        return {"stops": _("Something still stops the mail. Mend it first.")}
    if rehearsal.unrehearsed(session(), found):
        return {"unseen": _("Send yourself a test mail first: the tip was changed since the last one.")}
    readers = planning.reached(session(), wanted.notice_ids, now).readers()
    said = "".join(sign for sign in request.form.get("readers", "") if sign.isdecimal())[:MOST_DIGITS]
    if not campaigns.is_count_said(int(said) if said else None, readers):
        return {"readers": _("Type how many readers get it: %(readers)s", readers=grouped(readers))}
    return {}
