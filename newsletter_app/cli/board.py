"""``flask board``: a month as the board reads it, beside the month before, the same as the console's page."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import figures, notices
from newsletter_app.cli.terms import as_json_option, refusing
from newsletter_app.figures import ALL, Board, Figures
from newsletter_app.kernel import words
from newsletter_app.web.ports import ports

CALLED: Final = {"refused": "refused or came back"}
WIDTH: Final = 22


@click.command("board")
@with_appcontext
@click.option("--month", metavar="2026-11", help="Default: the newest month that is over.")
@as_json_option
@refusing
def board(month: str | None, as_json: bool) -> None:
    """Print readers, joined, left, sent, delivered, refused and complaints of a month, by notice."""
    with ports().unit_of_work() as session:
        first = figures.month_of(month) if month else figures.month_before(session, ports().clock())
        if first is None:
            raise click.BadParameter("write the month as 2026-11", param_hint="--month")
        found = figures.board(session, first)
        named = _named(session, found)
    click.echo(json.dumps(_facts(found, named), indent=2) if as_json else "\n".join(_lines(found, named)))


def _named(session: Session, found: Board) -> list[tuple[str, Figures, Figures]]:
    known = {notice.id: notice.side("en").name for notice in notices.views(session)}
    names = {ALL: "All notices"} | known
    lines = {line.notice_id: line for line in found.lines}
    return [(name, lines[each].now, lines[each].before) for each, name in names.items() if each in lines]


def _facts(found: Board, named: list[tuple[str, Figures, Figures]]) -> dict[str, Any]:
    return {
        "month": f"{found.month:%Y-%m}",
        "before": f"{found.before:%Y-%m}",
        "until": found.until.isoformat() if found.until else None,
        "notices": [
            {"notice": name, "month": asdict(now), "before": asdict(before)} for name, now, before in named
        ],
    }


def _lines(found: Board, named: list[tuple[str, Figures, Figures]]) -> list[str]:
    heads = [_called(found.month), _called(found.before)]
    told = [f"Counted up to {found.until or 'no day yet'}."] if not found.is_whole else []
    for name, now, before in named:
        told += ["", _row(name, heads)]
        told += [
            _row(CALLED.get(each, each), [_number(now, each), _number(before, each)])
            for each in figures.NAMES
        ]
    return told


def _row(name: str, cells: list[str]) -> str:
    return f"{name:<{WIDTH}}" + "".join(f"{cell:>16}" for cell in cells)


def _number(figure: Figures, name: str) -> str:
    number = getattr(figure, name)
    return "-" if number is None else words.grouped(number, "en")


def _called(month: date) -> str:
    return words.month(datetime(month.year, month.month, 1, tzinfo=UTC), "en")
