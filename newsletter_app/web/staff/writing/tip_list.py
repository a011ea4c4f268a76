"""The list of tips in any state: what is written, what is stale, what is to be checked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.identity import Actor
from newsletter_app.tips import writing
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.shell import today
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.writing.found import page_asked
from newsletter_app.web.staff.writing.naming import PARTS, STAGES, stage_of

A_PAGE: Final = 50
LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One tip in the list; ``notes`` are what somebody ought to look at."""

    url: str
    number: str
    title: str
    stage: str
    sides: tuple[str, ...]
    notes: tuple[str, ...]


@blueprint.get("/tips", endpoint="tips")
@may("look")
def tips_(_actor: Actor) -> ResponseReturnValue:
    """List the tips, fifty on a page."""
    asked = request.args.get("q", "").replace("\0", "")[:LONGEST]
    stage = request.args.get("stage", "")
    stage = stage if stage in STAGES else ""
    page = page_asked()
    found = writing.on_desk(session(), asked=asked, stage=stage, limit=A_PAGE, offset=(page - 1) * A_PAGE)
    count = writing.count_on_desk(session(), asked=asked, stage=stage)
    return render_template(
        "staff/tips/list.html",
        rows=[_row(one) for one in found],
        asked=asked,
        stage=stage,
        stages=[("", _("Any")), *STAGES.items()],
        count=count,
        page=page,
        has_more=page * A_PAGE < count,
    )


def _row(one: writing.OnDesk) -> Row:
    tip = one.tip
    return Row(
        url=url_for("staff.tip", tip_id=tip.id),
        number=str(tip.number) if tip.number is not None else "",
        title=one.title(current_language()) or _("Tip without a title"),
        stage=stage_of(tip),
        sides=tuple(str(PARTS[language]) for language in one.written),
        notes=tuple(_notes(one)),
    )


def _notes(one: writing.OnDesk) -> list[str]:
    notes = [_("%(language)s: the other side changed", language=PARTS[each]) for each in one.behind]
    if tips.is_review_overdue(one.tip, today()):
        notes.append(_("To be checked again"))
    if one.is_waiting:
        notes.append(_("Changes that readers do not see yet"))
    return notes
