"""What goes out when: launches to come by their date, those under way, and those that ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import campaigns, delivery, tips
from newsletter_app.campaigns import Campaign
from newsletter_app.identity import Actor
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.sending.campaign_words import called, state_of, whole_name
from newsletter_app.web.staff.sending.moments import moment
from newsletter_app.web.staff.writing.found import page_asked
from newsletter_app.web.staff.writing.naming import stage_of

A_PAGE: Final = 20
TO_COME: Final = 50
UNSENT: Final = 10
Known = Mapping[int, Tip]


@dataclass(frozen=True, slots=True)
class Row:
    """One campaign in a list; ``sent`` and ``readers`` are 0 before it began, or was counted."""

    url: str
    name: str
    state: str
    at: str
    sent: int = 0
    readers: int = 0


@dataclass(frozen=True, slots=True)
class Unsent:
    """A tip that no campaign sends; ``url`` is where one is made."""

    url: str
    name: str
    stage: str


@blueprint.get("/campaigns", endpoint="campaigns")
@may("look")
def campaigns_(_actor: Actor) -> ResponseReturnValue:
    """Show the lists; on a page fifty to come and twenty that ended."""
    before = request.args.get("before", type=int)
    is_id = before is not None and 0 < before < 2**31
    ended = campaigns.ended(session(), A_PAGE + 1, before if is_id else None)
    everything, running, page = campaigns.to_come(session()), campaigns.under_way(session()), page_asked()
    coming = everything[(page - 1) * TO_COME : page * TO_COME]
    known = tips.by_ids(
        session(),
        [one.tip_id for one in (*coming, *running, *ended) if one.tip_id is not None],
        titles_alone=True,
    )
    return render_template(
        "staff/campaigns/list.html",
        coming=[_row(one, known, moment(one.due_at)) for one in coming],
        page=page,
        has_more=len(everything) > page * TO_COME,
        running=[_running(one, known) for one in running],
        ended=_ended(ended[:A_PAGE], known),
        older=ended[A_PAGE - 1].id if len(ended) > A_PAGE else None,
        unsent=[_unsent(tip) for tip in campaigns.unsent_tips(session(), UNSENT)],
    )


def _row(campaign: Campaign, known: Known, at: str, sent: int = 0, readers: int = 0) -> Row:
    url = url_for("staff.campaign", campaign_id=campaign.id)
    return Row(url, called(campaign, known.get(campaign.tip_id or 0)), state_of(campaign), at, sent, readers)


def _running(campaign: Campaign, known: Known) -> Row:
    found = delivery.progress(session(), campaign, ports().clock())
    return _row(campaign, known, moment(campaign.started_at), found.total - found.open, found.total)


def _ended(found: list[Campaign], known: Known) -> list[Row]:
    counts = delivery.ended_counts(session(), [one.id for one in found])
    return [
        _row(
            one,
            known,
            moment(one.finished_at),
            counts.get(one.id, {}).get("accepted", 0),
            sum(counts.get(one.id, {}).values()),
        )
        for one in found
    ]


def _unsent(tip: Tip) -> Unsent:
    return Unsent(url_for("staff.send_tip", tip_id=tip.id), whole_name(tip), stage_of(tip))
