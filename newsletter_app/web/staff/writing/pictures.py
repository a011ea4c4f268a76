"""A tip's picture: taken from a file, encoded anew (S18), with who made it and under what licence."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import Any, Final

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from newsletter_app import media
from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.media import MAX_OCTETS, Kept
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import Guarded, lead_to, may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.edit import REFUSED, desk_page
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.naming import refusal

# One octet more than a picture may have, so that one too large is told so by name; and the credit beside it.
UPLOAD_OCTETS: Final = MAX_OCTETS + 64 * 1024
CREDIT: Final = ("creator", "source", "source_url", "licence", "rights_until")


def taking_files(view: Guarded) -> Guarded:
    """Let the form of this view hold a file; stands above ``may``."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        request.max_content_length = UPLOAD_OCTETS
        return view(**values)

    return guarded


@blueprint.post("/tips/<int:tip_id>/picture")
@taking_files
@may("write")
def save_picture(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Take the picture of a tip, if one is given, and its credit."""
    typed, base = _credit(tip_of(tip_id)), request.form.get("base", 0, type=int)
    kept: Kept | None = None
    try:
        kept = _keep(request.files.get("picture"))
        done = _save(tip_of(tip_id), typed, kept, base, actor.email)
    except Breach as breach:
        forget()
        if kept is not None:
            media.discard(ports().shelf, kept)
        field = str(breach.facts.get("field", "picture"))
        return desk_page(tip_of(tip_id), faults={field: refusal(breach)}, about_typed=typed), REFUSED
    if done.what == "aside":
        return lead_to("staff.compare", tip_id=tip_id, part=writing.ABOUT, revision_id=done.aside_id)
    return told("staff.tip", "saved", tip_id=tip_id, _anchor="picture-of")


def _save(found: Tip, typed: writing.AboutTip, kept: Kept | None, base: int, by: str) -> writing.Outcome:
    now = ports().clock()
    image = media.record(session(), kept, now) if kept else None
    shared = replace(typed, image_id=image.id) if image else typed
    done = writing.write(session(), found, writing.ABOUT, shared, base=base, by=by, now=now)
    commit()
    if kept and image and kept.name != image.name:
        # Another process was first with the same picture; nobody knows of these files.
        media.discard(ports().shelf, kept)
    return done


def _keep(file: FileStorage | None) -> Kept | None:
    """Keep what was uploaded while no transaction is open; it takes a fifth of a second."""
    if file is None or not file.filename:
        return None
    forget()
    return media.keep(ports().unit_of_work, ports().shelf, file.stream.read(MAX_OCTETS + 1))


def _credit(found: Tip) -> writing.AboutTip:
    """Return what the tip shares, with the credit as it was typed."""
    shared = writing.about_written(session(), found)
    typed: dict[str, Any] = {
        f"image_{name}": request.form.get(f"image_{name}", "").strip() for name in CREDIT
    }
    is_gone = request.form.get("without") == "1"
    return replace(
        shared,
        image_id=None if is_gone else shared.image_id,
        image_decorative=request.form.get("image_decorative") == "1",
        **typed,
    )
