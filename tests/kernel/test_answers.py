"""Answers kept while a page is read: one for each question, and none where nobody keeps them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from newsletter_app.kernel import answers


def test_each_question_is_asked_once_while_answers_are_kept() -> None:
    asked: list[str] = []

    def ask(words: str) -> None:
        # None is an answer, too.
        asked.append(words)

    with Session() as session:
        for _ in range(2):
            answers.once(session, ("tip", 1), lambda: ask("outside"))
        answers.keep(session)
        for number in (1, 2, 1):
            answers.once(session, ("tip", number), lambda: ask("kept"))
            answers.keep(session)
        answers.forget(session)
        answers.once(session, ("tip", 1), lambda: ask("anew"))
    assert asked == ["outside", "outside", "kept", "kept", "anew"]


def test_what_was_answered_is_given_again() -> None:
    with Session() as session:
        answers.keep(session)
        assert answers.once(session, "place", lambda: [24]) == [24]
        assert answers.once(session, "place", lambda: [25]) == [24]
