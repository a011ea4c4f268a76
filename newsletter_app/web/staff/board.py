"""The board's page: one month beside the one before, by notice, on one sheet of paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from newsletter_app import figures, notices
from newsletter_app.figures import ALL
from newsletter_app.identity import Actor
from newsletter_app.kernel import words
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import lead_to, may

FIRST_YEAR: Final = 2000
NAMES: Final[dict[str, LazyString]] = {
    "readers": lazy_gettext("Readers"),
    "joined": lazy_gettext("Joined"),
    "left": lazy_gettext("Left"),
    "sent": lazy_gettext("Sent"),
    "delivered": lazy_gettext("Delivered"),
    "refused": lazy_gettext("Refused or came back"),
    "complaints": lazy_gettext("Complaints"),
}


@blueprint.get("/board")
@may("look")
def newest_board(_actor: Actor) -> ResponseReturnValue:
    """Lead to the newest month that is over."""
    return lead_to("staff.board", month=f"{figures.month_before(session(), ports().clock()):%Y-%m}")


@blueprint.get("/board/<month>")
@may("look")
def board(_actor: Actor, month: str) -> ResponseReturnValue:
    """Show a month; one that has not come yet is not found."""
    first = figures.month_of(month)
    newest = figures.following(figures.month_before(session(), ports().clock()))
    if first is None or first.year < FIRST_YEAR or first > newest:
        abort(404)
    found = figures.board(session(), first)
    return render_template(
        "staff/board.html",
        board=found,
        month=_called(first),
        before=_called(found.before),
        until=day_words(found.until) if found.until and not found.is_whole else "",
        lines=[(name, line.now, line.before) for name, line in _named(found)],
        names=NAMES,
        earlier=f"{found.before:%Y-%m}",
        later=f"{figures.following(first):%Y-%m}" if first < newest else "",
    )


def day_words(day: date) -> str:
    """Return "March 3, 2026" in the page's language."""
    return words.full_date(_noon(day), "UTC", current_language())


def _named(board: figures.Board) -> list[tuple[str, figures.Line]]:
    """Return each line with its notice's name, in the notices' own order; one that is gone is left out."""
    known = {notice.id: notice.side(current_language()).name for notice in notices.views(session())}
    named = {ALL: _("All notices")} | known
    lines = {line.notice_id: line for line in board.lines}
    return [(name, lines[notice_id]) for notice_id, name in named.items() if notice_id in lines]


def _called(month: date) -> str:
    return words.month(_noon(month), current_language())


def _noon(day: date) -> datetime:
    # A day is a day wherever it is.
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
