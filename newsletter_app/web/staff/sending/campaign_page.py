"""One campaign, watched: how far it is, what servers said, why it stands still; the part that moves alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import campaigns, delivery, notices
from newsletter_app.campaigns import RUNNING, Campaign
from newsletter_app.delivery import Progress, ProgressKind
from newsletter_app.identity import Actor
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.sending.campaign_words import REASONS, ROWS, called, state_of, why_held
from newsletter_app.web.staff.sending.found import campaign_of
from newsletter_app.web.staff.sending.moments import about, moment

# Said aloud at each quarter alone: whoever hears the page is not to hear it all day long (A6).
STEP: Final = 25
# A launch that is so near is waited for.
SOON: Final = timedelta(minutes=15)
# Figures that are older say so.
LATELY: Final = timedelta(minutes=1)
MOST_TROUBLES: Final = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """What did not arrive: in words, as the server said it, and how many readers it concerns."""

    state: str
    reason: str
    said: str
    readers: int


@blueprint.get("/campaigns/<int:campaign_id>")
@may("look")
def campaign(_actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Show the campaign and what can be done with it."""
    return page(campaign_of(campaign_id))


@blueprint.get("/campaigns/<int:campaign_id>/progress")
@may("look")
def campaign_progress(_actor: Actor, campaign_id: int) -> ResponseReturnValue:
    """Give the part that moves; once the campaign's state is another, what can be done with it as well.

    A page that asks by itself keeps nobody signed in.
    """
    g.desk_is_handed_out = True
    found = campaign_of(campaign_id)
    return render_template(
        "staff/campaigns/progress.html",
        **_values(found),
        was=request.args.get("was", ""),
        told=request.args.get("told", -1, type=int),
        faults={},
    )


def page(found: Campaign, faults: dict[str, str] | None = None) -> str:
    """Return the whole page, with what was refused."""
    theirs = notices.by_ids(session(), campaigns.notice_ids_of(session(), found.id))
    return render_template(
        "staff/campaigns/campaign.html",
        **_values(found),
        faults=faults or {},
        notices=[notice.side(current_language()).name for notice in theirs],
    )


def _values(found: Campaign) -> dict[str, Any]:
    now = ports().clock()
    seen = delivery.progress(session(), found, now)
    done = seen.total - seen.open
    percent = 100 * done // seen.total if seen.total else 0
    is_near = found.state == "scheduled" and found.due_at - now <= SOON
    return {
        "campaign": found,
        "name": called(found),
        "state": state_of(found),
        "why": why_held(found),
        "seen": seen,
        "rows": [(words, seen.of(state)) for state, words in ROWS.items() if seen.of(state)],
        "troubles": [_trouble(kind) for kind in seen.troubles[:MOST_TROUBLES]],
        "left_out": [_trouble(kind) for kind in seen.kinds if kind.state == "skipped"],
        "done": done,
        "percent": percent,
        "milestone": percent - percent % STEP,
        "counted": moment(seen.counted_at) if now - seen.counted_at > LATELY else "",
        "is_watched": found.state in RUNNING or is_near,
        "rate": round(seen.per_second * 60),
        "time_left": about(seen.time_left) if seen.time_left is not None else "",
        "moment": moment,
        "can": _can(found, seen),
    }


def _can(found: Campaign, seen: Progress) -> dict[str, bool]:
    """Tell which buttons there are; the rooms refuse the others anyway."""
    is_open = found.state not in campaigns.ENDED
    has_begun = found.started_at is not None
    is_young = found.expires_at is not None and found.expires_at > ports().clock()
    return {
        "pause": found.state in RUNNING or found.state == "scheduled",
        "resume": found.state == "paused",
        "undo": is_open and not has_begun,
        "cancel": is_open and has_begun,
        "retry": has_begun and is_young and found.state != "cancelled" and bool(seen.troubles),
        "decide": seen.of("uncertain") > 0,
        "waive": found.state == "paused" and found.paused_by == campaigns.BY_CHECK,
        "reschedule": found.tip_id is not None and not has_begun,
    }


def _trouble(kind: ProgressKind) -> Trouble:
    said = " ".join(part for part in (str(kind.code or ""), kind.enhanced, kind.text) if part)
    reason = REASONS.get(kind.reason)
    return Trouble(str(ROWS[kind.state]), str(reason) if reason else kind.reason, said, kind.readers)
