"""What the board is told on the 1st: last month's figures, once every day of it is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from newsletter_app import figures, notices, organisation
from newsletter_app.figures import Board
from newsletter_app.kernel.languages import Language
from newsletter_app.staff_mail.events import Event
from newsletter_app.staff_mail.rules import is_board_day


def over(session: Session, now: datetime) -> Iterator[Event]:
    """Yield the month that is over, within the first days of the next."""
    if not is_board_day(organisation.local_day(session, now)):
        return
    month = figures.month_before(session, now)
    board = figures.board(session, month)
    if not board.is_whole:
        return

    def facts(language: Language) -> dict[str, Any]:
        return board_facts(session, board, language)

    yield Event("board", f"month:{month:%Y-%m}", f"console/board/{month:%Y-%m}", now, facts)


def board_facts(session: Session, board: Board, language: Language) -> dict[str, Any]:
    """Return a month's figures as a mail says them, each notice by its name ("" for all of them)."""
    names = {notice.id: notice.side(language).name for notice in notices.views(session)}
    lines = [
        {"name": names.get(line.notice_id, ""), "now": asdict(line.now), "before": asdict(line.before)}
        for line in board.lines
        if line.notice_id == figures.ALL or line.notice_id in names
    ]
    return {"month": _noon(board.month), "before": _noon(board.before), "lines": lines}


def _noon(month: date) -> str:
    return f"{month.isoformat()}T12:00:00+00:00"
