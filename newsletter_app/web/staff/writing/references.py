"""A tip's references as rows: found again in the library, added, taken out; the text cites them by a mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import Tip, reference_html, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.edit import REFUSED, desk_page, sources_of
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import name_of, refusal

LONGEST: Final = 200


@blueprint.get("/tips/<int:tip_id>/references")
@may("write")
def find_references(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Show what the library has for some words: a part of the page, or a page without script."""
    found = tip_of(tip_id)
    asked = request.args.get("source", "").replace("\0", "")[:LONGEST]
    rows = [(row.id, reference_html(row)) for row in writing.find_references(session(), asked)]
    page = "references_found" if "HX-Request" in request.headers else "references"
    return render_template(f"staff/tips/{page}.html", tip=found, name=name_of(found), asked=asked, rows=rows)


@blueprint.post("/tips/<int:tip_id>/references")
@may("write")
def add_reference(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Add a source of the library, or whatever was copied: one, or a whole list."""
    row = request.form.get("reference", type=int)

    def add(tip: Tip) -> None:
        if row is not None:
            writing.cite(session(), tip, row, by=actor.email, now=ports().clock())
        else:
            text = request.form.get("source", "")
            writing.add_references(session(), tip, text, by=actor.email, now=ports().clock())

    return _done(tip_id, add)


@blueprint.post("/tips/<int:tip_id>/references/<int:number>/out")
@may("write")
def take_reference_out(actor: Actor, tip_id: int, number: int) -> ResponseReturnValue:
    """Take a source out that no text cites."""

    def out(tip: Tip) -> None:
        writing.take_out(session(), tip, number, by=actor.email, now=ports().clock())

    return _done(tip_id, out)


def _done(tip_id: int, verb: Callable[[Tip], None]) -> ResponseReturnValue:
    found = tip_of(tip_id)
    try:
        verb(found)
    except Breach as breach:
        forget()
        words = refusal(breach)
        if "HX-Request" in request.headers:
            return _rows(tip_of(tip_id), words)
        return desk_page(tip_of(tip_id), faults={"source": words}), REFUSED
    commit()
    if "HX-Request" in request.headers:
        # What is to be mended is looked for anew, as after each save of a text.
        return _rows(found), {"HX-Trigger": "saved"}
    return told("staff.tip", "saved", tip_id=tip_id, _anchor="references")


def _rows(found: Tip, fault: str = "") -> str:
    """Return the section anew: the texts beside it are being typed in and stay as they are."""
    about_base = writing.written(session(), found, writing.ABOUT).revision
    sides = [(each, writing.written(session(), found, each).revision) for each in ("en", "fr")]
    return render_template(
        "staff/tips/references_section.html",
        tip=found,
        sources=sources_of(found),
        fault=fault,
        about_base=about_base,
        sides=sides,
        is_part=True,
    )
