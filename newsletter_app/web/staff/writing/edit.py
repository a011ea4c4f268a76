"""The page on which both sides of a tip are written, and what saves a side: a press, or a pause in typing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import media, notices
from newsletter_app.identity import Actor
from newsletter_app.kernel import words
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips import Tip, reference_html, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.shell import time_zone
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import lead_to, may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.found import side_of, tip_of
from newsletter_app.web.staff.writing.keeping import keeping
from newsletter_app.web.staff.writing.naming import FIELDS, PARTS, STEPS, name_of, refusal, stage_of, title_of

REFUSED: Final = 422
THUMBNAIL_PX: Final = 320


@dataclass(frozen=True, slots=True)
class SideForm:
    """One side as its form shows it: what is typed, upon which revision, and what is wrong with it.

    ``changed`` is what the other side says differently since both were said to agree, None if nobody did.
    """

    language: Language
    name: str
    text: writing.SideText
    base: int
    aside: str
    saved: str
    locked_disclaimer: str
    changed: tuple[writing.Changed, ...] | None
    faults: dict[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A reference in the tip's list, with what is to be put at the cursor to cite it."""

    number: int
    html: str
    is_cited: bool


@blueprint.get("/tips/<int:tip_id>")
@may("look")
def tip(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Show the tip as it is written."""
    return desk_page(tip_of(tip_id))


@blueprint.post("/tips/<int:tip_id>/sides/<side>")
@keeping
@may("write")
def save_side(actor: Actor, tip_id: int, side: str) -> ResponseReturnValue:
    """Save a side; where somebody saved another text meanwhile, lead to both."""
    found, language = tip_of(tip_id), side_of(side)
    typed = _typed(language)
    try:
        done = writing.write(
            session(),
            found,
            language,
            typed,
            base=request.form.get("base", 0, type=int),
            by=actor.email,
            now=ports().clock(),
            aside_id=request.form.get("aside", type=int),
        )
    except Breach as breach:
        forget()
        return _refused(found, language, typed, breach)
    commit()
    if "HX-Request" in request.headers:
        return _saved(found, language, done)
    if done.what == "aside":
        return lead_to("staff.compare", tip_id=tip_id, part=language, revision_id=done.aside_id)
    return told("staff.tip", "saved", tip_id=tip_id, _anchor=f"side-{language}")


def desk_page(
    found: Tip,
    typed: tuple[Language, writing.SideText, dict[str, str]] | None = None,
    faults: dict[str, str] | None = None,
    about_typed: writing.AboutTip | None = None,
) -> str:
    """Return the whole page; ``typed`` and ``about_typed`` stand in for what is saved, with their faults."""
    shared = writing.about_written(session(), found)
    image = media.find(session(), shared.image_id)
    steps = writing.steps(session(), found)
    sides = [_side_form(found, language, typed) for language in LANGUAGES]
    return render_template(
        "staff/tips/edit.html",
        tip=found,
        name=name_of(found),
        heading=title_of(found),
        stage=stage_of(found),
        is_waiting=writing.is_waiting(session(), found),
        is_held_back=writing.is_held_back(found),
        sides=sides,
        shared=about_typed or shared,
        about_base=writing.written(session(), found, writing.ABOUT).revision,
        picture=_thumbnail(image),
        sources=sources_of(found),
        comment=next((one for one in steps[:1] if one.step == "given-back"), None),
        steps=steps[:5],
        step_words=STEPS,
        moment=moment,
        fields=FIELDS,
        lengths=writing.LENGTHS,
        faults=(typed[2] if typed else {}) | (faults or {}),
        agree=all(side.changed == () for side in sides),
    )


def sources_of(found: Tip) -> list[Source]:
    """Return the tip's references as it is written, by number."""
    cited = writing.cited_numbers(session(), found)
    rows = writing.references_written(session(), found)
    return [Source(number, reference_html(row), number in cited) for number, row in enumerate(rows, 1)]


def moment(at: datetime | None) -> str:
    """Return a moment as the page tells it: the day and the time; "" for none."""
    if at is None:
        return ""
    language = current_language()
    day, hour = words.full_date(at, time_zone(), language), words.clock_time(at, time_zone(), language)
    return f"{day}, {hour}"


def _thumbnail(image: media.Image | None) -> tuple[str, int, int] | None:
    if image is None:
        return None
    file, width, height = media.fitted(image, THUMBNAIL_PX)
    return url_for("public.show_media", name=file), width, height


def _side_form(
    found: Tip, language: Language, typed: tuple[Language, writing.SideText, dict[str, str]] | None
) -> SideForm:
    standing = writing.written(session(), found, language)
    mine = typed if typed is not None and typed[0] == language else None
    notice = notices.find(session(), found.notice_id)
    return SideForm(
        language=language,
        name=str(PARTS[language]),
        text=mine[1] if mine else writing.side_written(session(), found, language),
        base=request.form.get("base", standing.revision, type=int) if mine else standing.revision,
        aside=request.form.get("aside", "") if mine else "",
        saved=moment(standing.saved_at),
        locked_disclaimer=notice.side(language).disclaimer if notice else "",
        changed=writing.changed_since(session(), found, language),
        faults=mine[2] if mine else {},
    )


def _typed(language: Language) -> writing.SideText:
    return writing.SideText(
        **{name: request.form.get(f"{name}_{language}", "") for name in ("title", "lead", "body")},
        disclaimer=request.form.get(f"disclaimer_{language}", ""),
        alt=request.form.get(f"alt_{language}", ""),
    )


def _refused(found: Tip, language: Language, typed: writing.SideText, breach: Breach) -> ResponseReturnValue:
    words_ = refusal(breach)
    if "HX-Request" in request.headers:
        return render_template("staff/tips/not_saved.html", words=words_)
    faults = {f"{breach.facts['field']}_{language}": words_}
    return desk_page(found, (language, typed, faults)), REFUSED


def _saved(found: Tip, language: Language, done: writing.Outcome) -> str:
    return render_template(
        "staff/tips/saved.html",
        side=language,
        outcome=done,
        tip=found,
        at=words.clock_time(ports().clock(), time_zone(), current_language()),
        stage=stage_of(found),
        base=request.form.get("base", 0, type=int) if done.what == "aside" else done.newest.revision,
    )
