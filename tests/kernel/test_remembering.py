"""Remembering: each question is asked once while it is on, and each time while it is not."""

from __future__ import annotations

from sqlalchemy.orm import Session

from newsletter_app.kernel import remembering


def test_each_question_is_asked_once_while_one_remembers() -> None:
    asked: list[str] = []

    def ask(words: str) -> None:
        asked.append(words)

    with Session() as session:
        for _ in range(2):
            remembering.once(session, ("tip", 1), lambda: ask("outside"))
        remembering.keep(session)
        for number in (1, 2, 1):
            remembering.once(session, ("tip", number), lambda: ask("kept"))
            remembering.keep(session)
        remembering.forget(session)
        remembering.once(session, ("tip", 1), lambda: ask("anew"))
    assert asked == ["outside", "outside", "kept", "kept", "anew"]


def test_what_was_told_is_told_again() -> None:
    with Session() as session:
        remembering.keep(session)
        assert remembering.once(session, "place", lambda: [24]) == [24]
        assert remembering.once(session, "place", lambda: [25]) == [24]
