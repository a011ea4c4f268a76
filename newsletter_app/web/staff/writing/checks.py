"""What preflight finds in the tip as it is written, each with its place, and letting a finding pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from newsletter_app import audit, media, preflight
from newsletter_app.digests import Composer
from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.preflight import BLOCKS, UNTRIED, Finding
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.shell import today
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.edit import moment
from newsletter_app.web.staff.writing.finding_words import finding_words, place_of
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import name_of
from newsletter_app.web.staff.writing.previews import FOLDERS

Showing = Callable[[Session, Tip], AbstractContextManager[Tip]]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words; ``url`` is where it is mended, "" where that is no page of the tip's."""

    code: str
    where: str
    words: str
    url: str
    blocks: bool
    can_pass: bool


@blueprint.get("/tips/<int:tip_id>/checks")
@may("look")
def checks(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Tell what stops the tip's mail and what could be better: a part of the page, or a page."""
    return _page(tip_of(tip_id), {})


@blueprint.post("/tips/<int:tip_id>/checks")
@may("publish")
def let_pass(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Let a finding stop the tip no more, for a reason that is kept."""
    found, now = tip_of(tip_id), ports().clock()
    code, where = request.form.get("code", ""), request.form.get("where", "")
    reason = request.form.get("reason", "").replace("\0", "")
    mine = next((one for one in findings(found) if (one.code, one.where) == (code, where)), None)
    if mine is None:
        return told("staff.checks", "saved", tip_id=tip_id)
    try:
        preflight.waive(session(), found, mine, by=actor.email, reason=reason, now=now)
    except Breach:
        forget()
        words = _("Say in 1 to 300 letters why it may go out as it is.")
        return _page(tip_of(tip_id), {f"reason-{code}-{where}": words}), 422
    details = {"code": code, "reason": reason}
    audit.note(
        session(), actor=actor.email, action="tip.waived", subject=f"tip:{tip_id}", details=details, now=now
    )
    commit()
    return told("staff.checks", "waived", tip_id=tip_id)


def findings(
    found: Tip,
    composer: Composer | None = None,
    *,
    shown: Showing = writing.as_written,
    tells_untried: bool = False,
) -> list[Finding]:
    """Return what preflight finds in the tip as it is ``shown``; a spam filter is asked by commands alone.

    ``tells_untried``: also that nobody has tried some of its links lately.
    """
    settings, now = ports().settings, ports().clock()
    composer = composer or Composer(FOLDERS, settings.public_url, settings.mail_from, now)
    with shown(session(), found):
        return preflight.check(
            session(), found, composer, now=now, day=today(), weigh=_weigh, tells_untried=tells_untried
        )


def _weigh(file: str) -> int:
    """The whole picture stands in for its smaller file, whose weight no row tells: at most it is less."""
    image = media.find_by_file(session(), file)
    return image.octets if image is not None else 0


def _page(found: Tip, faults: dict[str, str]) -> str:
    all_found = findings(found, tells_untried=True)
    with writing.as_written(session(), found):
        told_ = [_told(found, one) for one in all_found]
    page = "checks_found" if "HX-Request" in request.headers else "checks"
    return render_template(
        f"staff/tips/{page}.html",
        tip=found,
        name=name_of(found),
        stops=[one for one in told_ if one.blocks],
        hints=[one for one in told_ if not one.blocks and one.code != UNTRIED],
        untried=next((one.words for one in told_ if one.code == UNTRIED), ""),
        waivers=preflight.waivers_of(session(), [found.id]),
        moment=moment,
        faults=faults,
    )


def _told(found: Tip, one: Finding) -> Told:
    anchor = place_of(one, found)
    url = url_for("staff.tip", tip_id=found.id, _anchor=anchor) if anchor else ""
    can_pass = one.level == BLOCKS and one.code in preflight.WAIVABLE
    return Told(one.code, one.where, finding_words(one), url, one.level == BLOCKS, can_pass)
