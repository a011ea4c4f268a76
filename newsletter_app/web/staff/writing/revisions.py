"""What was saved of each part of a tip, what differs between two of them, and bringing one back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final, NamedTuple

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import lead_to, may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.edit import moment
from newsletter_app.web.staff.writing.found import page_asked, part_of, tip_of
from newsletter_app.web.staff.writing.naming import FIELDS, PARTS, name_of, refusal

A_PAGE: Final = 50


class Compared(NamedTuple):
    """A field, and its paragraphs with what differs in them."""

    name: str
    paragraphs: tuple[writing.Paragraph, ...]


@blueprint.get("/tips/<int:tip_id>/revisions")
@may("look")
def revisions(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """List what was saved of each part, newest first, fifty of each on a page."""
    found, page = tip_of(tip_id), page_asked()
    saved = {
        part: writing.revisions(session(), found, part_of(part), A_PAGE + 1, (page - 1) * A_PAGE)
        for part in PARTS
    }
    return render_template(
        "staff/tips/revisions.html",
        tip=found,
        name=name_of(found),
        parts=[(part, words, saved[part][:A_PAGE]) for part, words in PARTS.items()],
        moment=moment,
        page=page,
        has_more=any(len(rows) > A_PAGE for rows in saved.values()),
    )


@blueprint.get("/tips/<int:tip_id>/<part>/revisions/<int:revision_id>")
@may("look")
def compare(_actor: Actor, tip_id: int, part: str, revision_id: int) -> ResponseReturnValue:
    """Show how a revision differs from the newest one, or from the one named by ``with``."""
    return _page(tip_of(tip_id), part, revision_id, {})


@blueprint.post("/tips/<int:tip_id>/<part>/revisions/<int:revision_id>")
@may("write")
def bring_back(actor: Actor, tip_id: int, part: str, revision_id: int) -> ResponseReturnValue:
    """Make a revision the newest one; what it replaces is kept as any other."""
    found = tip_of(tip_id)
    row = _revision(found, part, revision_id)
    base = request.form.get("base", 0, type=int)
    try:
        content = writing.as_written_then(row).content
        done = writing.write(
            session(), found, part_of(part), content, base=base, by=actor.email, now=ports().clock()
        )
    except Breach as breach:
        forget()
        return _page(tip_of(tip_id), part, revision_id, {"bring-back": refusal(breach)}), 422
    commit()
    if done.what == "aside":
        return lead_to("staff.compare", tip_id=tip_id, part=part, revision_id=done.aside_id)
    return told("staff.tip", "saved", tip_id=tip_id)


def _page(found: Tip, part: str, revision_id: int, faults: dict[str, str]) -> str:
    row = _revision(found, part, revision_id)
    beside = request.args.get("with", type=int)
    newest = writing.written(session(), found, part_of(part))
    shown = writing.as_written_then(_revision(found, part, beside)) if beside is not None else newest
    return render_template(
        "staff/tips/compare.html",
        tip=found,
        name=name_of(found),
        part=part,
        part_name=PARTS[part],
        row=row,
        beside=shown,
        base=newest.revision,
        is_newest=not row.is_aside and row.revision == newest.revision,
        compared=_compared(writing.as_written_then(row), shown, is_aside=row.is_aside),
        moment=moment,
        faults=faults,
    )


def _revision(found: Tip, part: str, revision_id: int) -> writing.TipRevision:
    row = writing.find_revision(session(), found, part_of(part), revision_id)
    return row if row is not None else abort(404)


def _compared(mine: writing.Written, other: writing.Written, *, is_aside: bool) -> list[Compared]:
    """The older text first; what was kept aside is newer to whoever typed it."""
    older, newer = (other, mine) if is_aside else (mine, other)
    before, after = asdict(older.content), asdict(newer.content)
    return [
        Compared(str(FIELDS[name]), writing.compare(_text(before[name]), _text(after[name])))
        for name in before
        if before[name] != after[name]
    ]


def _text(fact: Any) -> str:
    if isinstance(fact, tuple):
        return "\n\n".join(str(one) for one in fact)
    return "" if fact is None else str(fact)
