"""Importing tips by paste or upload: read, looked over as a text that can be corrected, saved as drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import audit, imports, notices, organisation, tips
from newsletter_app.identity import Actor
from newsletter_app.imports import Document, Entry
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, as_language
from newsletter_app.notices import Notice
from newsletter_app.tips import Reading, Tip, Unreadable, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing import import_words
from newsletter_app.web.staff.writing.keeping import keeping
from newsletter_app.web.staff.writing.naming import PARTS
from newsletter_app.web.staff.writing.pictures import taking_files

FILE_OCTETS: Final = 10_000_000
PASTED: Final = "pasted.txt"
REFUSED: Final = 422


@dataclass(frozen=True, slots=True)
class Looked:
    """A document in the review: what was recognised, and what somebody should look at."""

    title: str
    number: int | None
    language: str
    references: int
    left_out: tuple[str, ...]
    odd: tuple[str, ...]


@blueprint.get("/tips/import")
@may("write")
def import_tips(_actor: Actor) -> ResponseReturnValue:
    """Ask for a text or a file."""
    return _form({})


@blueprint.post("/tips/import")
@taking_files
@may("write")
def review_import(_actor: Actor) -> ResponseReturnValue:
    """Read it, and show what would be saved; nothing is saved yet."""
    file, text = request.files.get("file"), request.form.get("text", "")
    name = (file.filename or "") if file is not None else ""
    content = (
        file.stream.read(FILE_OCTETS + 1) if file is not None and name else text.encode(errors="replace")
    )
    if not content.strip():
        return _form({"text": _("Paste a text, or choose a file.")}), REFUSED
    if len(content) > FILE_OCTETS:
        return _form({"file": _("The file has more than 10 MB. Import it in parts.")}), REFUSED
    chosen = request.form.get("language")
    language = chosen if chosen in LANGUAGES else None
    owner = organisation.find(session())
    default = as_language(owner.default_language if owner else None)
    found = imports.read(name or PASTED, content, default, language=language)
    read = [(one, one.reading) for one in found.documents if one.reading is not None and not one.faults]
    refused = [import_words.refused(one, fault) for one in found.documents for fault in one.faults]
    if not read:
        return _form({"file" if name else "text": " ".join(refused)}), REFUSED
    review = imports.write_review([_entry(one, reading, name) for one, reading in read], head="")
    return _review(
        review, [_looked(reading) for _one, reading in read], refused, request.form.get("notice", "")
    )


@blueprint.post("/tips/import/save")
@keeping
@may("write")
def save_import(actor: Actor) -> ResponseReturnValue:
    """Save exactly what the review says, all of it or nothing."""
    review, key = request.form.get("review", ""), request.form.get("notice", "").replace("\0", "")
    try:
        entries = imports.read_review(review.encode(errors="replace"))
        _save(entries, notices.find_by_key(session(), key), actor.email)
    except Unreadable as unreadable:
        faults = [
            _("Line %(line)s: %(words)s", line=one.line, words=import_words.reason(one))
            for one in unreadable.faults
        ]
        return _review(review, [], [], key, {"review": " ".join(faults)}), REFUSED
    except Breach as breach:
        forget()
        return _review(review, [], [], key, {"review": _words(breach)}), REFUSED
    commit()
    return told("staff.tips", "imported")


def _save(entries: list[Entry], notice: Notice | None, by: str) -> None:
    """Save each side; the sides of one tip without a number are those of one group."""
    now = ports().clock()
    sides: dict[int | str, list[Entry]] = {}
    for at, one in enumerate(entries):
        sides.setdefault(one.draft.number or one.group or f"{at}", []).append(one)
    for together in sides.values():
        into: Tip | None = None
        for one in together:
            mine = notice or _notice_of(one)
            into = into or _standing(one)
            if into is not None and writing.is_held_back(into):
                raise Breach("tip-on-the-web", title=one.draft.title)
            both = len(together) == len(LANGUAGES)
            saved = tips.save_draft(session(), one.draft, notice=mine, now=now, into=into, all_sides=both)
            into = saved.tip
            details = {"language": saved.side.language, "revision": saved.side.revision}
            subject = f"tip:{into.id}"
            audit.note(session(), actor=by, action="tip.imported", subject=subject, details=details, now=now)


def _notice_of(one: Entry) -> Notice:
    found = notices.find_by_key(session(), one.draft.notice) if one.draft.notice else None
    numbered = [each for each in notices.offered(session()) if each.numbered]
    if found is None and one.draft.number is not None and len(numbered) == 1:
        return numbered[0]
    if found is None:
        raise Breach("notice-missing", title=one.draft.title)
    return found


def _standing(one: Entry) -> Tip | None:
    draft = one.draft
    if draft.number is not None:
        return tips.find_by_number(session(), draft.number)
    return tips.find_by_slug(session(), as_language(draft.language), draft.slug) if draft.slug else None


def _words(breach: Breach) -> str:
    words = {
        "notice-missing": _("“%(title)s”: choose its notice."),
        "tip-on-the-web": _("“%(title)s” is on the web already. Change it on its own page."),
        "tip-number-missing": _("“%(title)s” has no number, which its notice needs."),
        "tip-number-in-other-notice": _("Tip %(number)s stands in another notice already."),
        "references-differ": _("Both sides of tip %(number)s need the same references."),
        "topic-unknown": _("There is no topic %(keys)s."),
    }.get(breach.code)
    if words is None:
        raise breach
    return words % breach.facts


def _entry(document: Document, reading: Reading, name: str) -> Entry:
    group = document.group or (document.member if document.member else "")
    return Entry(reading.draft, name or PASTED, document.member, document.place, group)


def _looked(reading: Reading) -> Looked:
    draft = reading.draft
    return Looked(
        draft.title,
        draft.number,
        str(PARTS[draft.language]),
        len(draft.references),
        tuple(import_words.left_out(one) for one in reading.left_out),
        tuple(import_words.not_understood(one) for one in reading.not_understood),
    )


def _form(faults: dict[str, str]) -> str:
    return render_template(
        "staff/tips/import.html",
        faults=faults,
        text=request.form.get("text", ""),
        notices=_notices(),
        notice=request.form.get("notice", ""),
        languages=[("", _("As its words tell")), *((each, PARTS[each]) for each in LANGUAGES)],
        chosen=request.form.get("language", ""),
    )


def _review(
    review: str, looked: list[Looked], refused: list[str], notice: str, faults: dict[str, str] | None = None
) -> str:
    return render_template(
        "staff/tips/review.html",
        review=review,
        looked=looked,
        refused=refused,
        notices=_notices(),
        notice=notice,
        faults=faults or {},
    )


def _notices() -> list[tuple[str, str]]:
    named = [(one.key, one.side(current_language()).name) for one in notices.offered(session())]
    return [("", _("As the text says, else the one with numbers")), *named]
