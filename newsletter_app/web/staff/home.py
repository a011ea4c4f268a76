"""The console's first page: what needs doing, what goes out next, what went last, and how many readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import campaigns, delivery, figures, notices, tips
from newsletter_app.campaigns import Campaign
from newsletter_app.figures import ALL, Stand
from newsletter_app.identity import Actor
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.board import day_words
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.sending.campaign_words import called, state_of
from newsletter_app.web.staff.sending.moments import moment
from newsletter_app.web.staff.to_do import to_do

NEXT: Final = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """The campaign that ended last, and how many readers' mails were in which state."""

    url: str
    name: str
    at: str
    accepted: int
    refused: int
    uncertain: int


@blueprint.get("")
@may("look")
def home(actor: Actor) -> ResponseReturnValue:
    """Show all of it; nothing is counted that has a million rows."""
    now, last = ports().clock(), _last()
    coming, standing = campaigns.to_come(session()), figures.standing(session(), now)
    _read_tips([*coming[:NEXT], *(one for one in coming if one.state == "paused"), *([last] if last else [])])
    return render_template(
        "staff/home.html",
        to_do=to_do(actor, now),
        coming=[
            (url_for("staff.campaign", campaign_id=one.id), called(one), state_of(one), moment(one.due_at))
            for one in coming[:NEXT]
        ],
        last=_sent(last) if last is not None else None,
        readers=_readers(standing) if standing.stands else [],
        until=day_words(standing.until) if standing.until else "",
        lately=figures.LATELY,
    )


def _read_tips(named: list[Campaign]) -> None:
    """Ask for the tips of all these at once: what a page has read is held until it is answered."""
    tips.by_ids(session(), {one.tip_id for one in named if one.tip_id is not None})


def _last() -> Campaign | None:
    return next((one for one in campaigns.ended(session(), NEXT) if one.started_at is not None), None)


def _sent(campaign: Campaign) -> Sent:
    counts = delivery.ended_counts(session(), [campaign.id]).get(campaign.id, {})
    return Sent(
        url_for("staff.campaign", campaign_id=campaign.id),
        called(campaign),
        moment(campaign.finished_at),
        counts.get("accepted", 0),
        counts.get("refused", 0) + counts.get("expired", 0),
        counts.get("uncertain", 0),
    )


def _readers(standing: figures.Standing) -> list[tuple[str, Stand]]:
    """Return each notice's name with its figures, all of them first."""
    nothing = Stand(0, 0, 0)
    named = [(notice.id, notice.side(current_language()).name) for notice in notices.views(session())]
    rows = [(ALL, _("All notices")), *named]
    return [(name, standing.stands.get(notice_id, nothing)) for notice_id, name in rows]
