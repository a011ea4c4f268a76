"""What a provider tells, as a reading: judged by the table, bounded, total."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.feedback import Action, Failure, Kind, Shape, Told, read_told

TEXT = st.text(max_size=60)


def failure(diagnosis: str, status: str = "", *, is_temporary: bool = False) -> Failure:
    told = Told("1", b"", " Rose@Example.ca", diagnosis, status, is_temporary)
    (found,) = read_told(told).failures
    return found


@pytest.mark.parametrize(
    ("diagnosis", "status", "kind", "code", "enhanced"),
    [
        ("smtp; 550 5.1.1 user unknown", "", Kind.hard, 550, "5.1.1"),
        ("550 user unknown", "5.1.1", Kind.hard, 550, "5.1.1"),
        ("smtp;550-5.7.26 unauthenticated", "5.0.0", Kind.sender_fault, 550, "5.7.26"),
        ("mailbox full; try later", "", Kind.soft, None, None),
        ("", "5.1.2", Kind.hard, None, "5.1.2"),
    ],
)
def test_codes_and_words_are_judged_by_the_table(
    diagnosis: str, status: str, kind: Kind, code: int | None, enhanced: str | None
) -> None:
    """Whoever brings the words."""  # M40
    found = failure(diagnosis, status)
    assert (found.verdict.kind, found.code, found.enhanced) == (kind, code, enhanced)
    assert (found.address, found.action) == ("rose@example.ca", Action.failed)


def test_what_passes_is_never_hard_and_silence_is_no_harm() -> None:
    assert failure("550 5.1.1 user unknown", is_temporary=True).verdict.kind is Kind.soft
    assert failure("550 5.7.1 policy", is_temporary=True).verdict.kind is Kind.sender_fault
    assert not failure(" \n").is_harm


def test_marks_are_found_in_what_is_echoed() -> None:
    local, token = "b-" + "a2" * 15, "BAAB" * 8
    lines = (
        f"Return-Path: <{local}@bounce.example.org>",
        f"List-Unsubscribe: <https://x.example/stop/{token}>",
    )
    marks = read_told(Told("1", b"", "", complaint="abuse", texts=lines)).marks
    assert (marks.recipients, marks.locals_within, marks.stop_tokens) == ((), (local,), (token,))


@given(st.builds(Told, TEXT, st.binary(), TEXT, TEXT, TEXT, st.booleans(), TEXT, st.tuples(TEXT, TEXT)))
def test_anything_told_is_read(told: Told) -> None:  # M46
    assert read_told(told).shape in (Shape.report, Shape.complaint, Shape.feedback)
