"""Who did what, when and from where, as owners read it (S29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import audit, tips
from newsletter_app.audit import AuditEntry
from newsletter_app.identity import Actor
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.public.links import HIGHEST_ID
from newsletter_app.web.staff.acts import act_words, detail_words
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.frame import told_at
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.writing.naming import name_of

ON_A_PAGE: Final = 100
WITH_PAGE: Final = ("tip", "staff")


@dataclass(frozen=True, slots=True)
class Row:
    """One act as the page tells it; ``url`` is where its subject stands, "" where it has no page."""

    id: int
    at: datetime
    who: str
    what: str
    details: list[tuple[str, str]]
    subject: str
    url: str
    origin: str


@blueprint.get("/log")
@may("audit")
def log(_actor: Actor) -> ResponseReturnValue:
    """Show the newest acts, or those before one of them."""
    before = request.args.get("before", type=int)
    before = max(0, min(before, HIGHEST_ID)) if before is not None else None
    entries = audit.newest(session(), ON_A_PAGE + 1, before=before)
    shown, is_more = entries[:ON_A_PAGE], len(entries) > ON_A_PAGE
    return render_template("staff/log.html", rows=_rows(shown), is_more=is_more, before=before)


def _rows(entries: Sequence[AuditEntry]) -> list[Row]:
    """Return the acts in the page's words; their tips are asked for once."""
    known = tips.by_ids(session(), {number for kind, number in map(_about, entries) if kind == "tip"})
    return [_row(entry, known) for entry in entries]


def _row(entry: AuditEntry, known: Mapping[int, Tip]) -> Row:
    details = [(detail_words(name), _told(value)) for name, value in entry.details.items()]
    subject, url = entry.subject, ""
    kind, number = _about(entry)
    if kind == "tip" and number in known:
        subject, url = name_of(known[number]), url_for("staff.tip", tip_id=number)
    elif kind == "staff":
        subject, url = _("Person %(number)s", number=number), url_for("staff.one_person", staff_id=number)
    # Only people sit at a command line; the machine and readers come from nowhere that is told.
    origin = entry.origin or (_("command line") if "@" in entry.actor else "")
    return Row(entry.id, entry.at, entry.actor, act_words(entry.action), details, subject, url, origin)


def _about(entry: AuditEntry) -> tuple[str, int]:
    """Return the kind and number of an act's subject; "" for one without a page, as a campaign's own name."""
    kind, _colon, number = entry.subject.partition(":")
    has_page = kind in WITH_PAGE and entry.action.startswith(f"{kind}.") and number.isdecimal()
    return (kind, int(number)) if has_page else ("", 0)


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return told_at(at) if at.tzinfo else str(value)
