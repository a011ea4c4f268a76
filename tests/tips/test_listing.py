"""Rows of tips: the reader's side, else the other one; in pages, and before and after one by number."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from newsletter_app import tips
from tests.factories.content import make_draft, make_notice, make_tip


def test_each_tip_is_one_row_in_the_language_that_it_has(session: Session, now: datetime) -> None:
    notice, events = make_notice(session, now), make_notice(session, now, "events")
    for number in (1, 2, 3):
        make_tip(session, notice, number, now)
    english = tips.save_draft(session, make_draft(7), notice=notice, now=now).tip
    tips.publish(session, english, now)
    for days in (0, 1):
        make_tip(session, events, None, now + timedelta(days=days), title=f"Meeting {days}")
    rows = tips.listed(session, "fr", limit=9)
    assert [(row.number, row.language) for row in rows[:3]] == [(7, "en"), (3, "fr"), (2, "fr")]
    assert [row.title for row in tips.listed(session, "en", notice_id=events.id, limit=9)] == [
        *("Meeting 1", "Meeting 0"),
    ]
    assert [row.number for row in tips.listed(session, "en", notice_id=notice.id, limit=2, offset=1)] == [
        3,
        2,
    ]
    assert tips.count_listed(session, notice_id=notice.id) == 4
    assert tips.count_listed(session) == len(rows) == 6


def test_the_editors_choice_comes_in_its_order(session: Session, now: datetime) -> None:
    notice = make_notice(session, now)
    made = {number: make_tip(session, notice, number, now) for number in (1, 2, 3, 4, 5)}
    tips.relate(session, made[1], [made[number] for number in (4, 2, 5, 3)])
    tips.withdraw(session, made[2], "It is wrong.", now)
    assert [row.number for row in tips.chosen(session, made[1].id, "fr")] == [4, 5, 3]
    assert [row.number for row in tips.chosen(session, made[1].id, "fr", limit=1)] == [4]
    assert tips.chosen(session, made[2].id, "en") == []


def test_before_and_after_by_number_skip_what_is_not_on_the_web(session: Session, now: datetime) -> None:
    notice = make_notice(session, now)
    made = {number: make_tip(session, notice, number, now) for number in (1, 2, 4, 9)}
    tips.withdraw(session, made[4], "It is wrong.", now)
    tips.save_draft(session, make_draft(3), notice=notice, now=now)

    def numbers(number: int | None) -> list[int | None]:
        return [row and row.number for row in tips.beside(session, number, "fr")]

    assert [numbers(number) for number in (1, 2, 9, None)] == [[None, 2], [1, 9], [2, None], [None, None]]
