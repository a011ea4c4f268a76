"""References as rows: found again, added once, taken out only where nothing cites them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import Tip, writing
from tests.factories.content import REFERENCE

ANN = "ann@example.org"


def test_a_source_is_found_and_cited_once(session: Session, published: Tip, now: datetime) -> None:
    """The same source is the same row; the list of one tip names it once."""
    writing.add_references(session, published, "Kim K. Falls. J Age 2021. doi:10.1000/falls", by=ANN, now=now)
    rows = writing.references_written(session, published)
    assert [row.doi for row in rows] == ["10.1000/steps.2020", "10.1000/falls"]
    assert list(writing.find_references(session, "KIM falls")) == [rows[1]]
    assert list(writing.find_references(session, "kim walk")) == []
    assert list(writing.find_references(session, "100%")) == []
    for text in (REFERENCE.text, "Roy. https://doi.org/10.1000/STEPS.2020"):
        with pytest.raises(Breach, match="reference-there number=1"):
            writing.add_references(session, published, text, by=ANN, now=now)
    # Readers see the list that was released.
    assert len(tips.references_of(published)) == 1


def test_marks_follow_what_is_taken_out(session: Session, published: Tip, now: datetime) -> None:
    """What is cited stays; when an uncited one goes, the marks behind it move in both languages."""
    for name in ("Second", "Third"):
        writing.add_references(session, published, f"{name} S. Title. 2020.", by=ANN, now=now)
    for language in ("en", "fr"):
        found = writing.written(session, published, language)
        text = replace(writing.side_written(session, published, language), body="One.[^1] Three.[^3]")
        writing.write(session, published, language, text, base=found.revision, by=ANN, now=now)
    with pytest.raises(Breach, match="reference-cited number=3"):
        writing.take_out(session, published, 3, by=ANN, now=now)
    writing.take_out(session, published, 2, by=ANN, now=now)
    for language in ("en", "fr"):
        assert writing.side_written(session, published, language).body == "One.[^1] Three.[^2]"
    assert [row.text[:5] for row in writing.references_written(session, published)] == ["Roy R", "Third"]


def test_a_whole_list_is_added_in_its_order(session: Session, published: Tip, now: datetime) -> None:
    """What of it is there already is left out, so that a second press adds nothing."""
    copied = f"1. {REFERENCE.text}\n2. Kim K. Falls. 2021.\n3. Lee L. Feet. 2022.\n4. Kim K. Falls. 2021.\n"
    writing.add_references(session, published, copied, by=ANN, now=now)
    for _ in range(2):
        rows = writing.references_written(session, published)
        assert [row.text[:3] for row in rows] == ["Roy", "Kim", "Lee"]
        with pytest.raises(Breach, match="reference-there number=1"):
            writing.add_references(session, published, copied, by=ANN, now=now)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "reference-length"),
        (" \n", "reference-length"),
        ("x" * 2_001, "reference-length"),
        ("1. Kim K. Falls. 2021.\n2. " + "x" * 2_001, "reference-length"),
        ("\n".join(f"{number}. Kim {number}. 2021." for number in range(1, 102)), "references-many"),
    ],
)
def test_a_reference_is_words(session: Session, published: Tip, now: datetime, text: str, code: str) -> None:
    """Nothing, and more than anybody would call a reference or a list of them, is refused; none is added."""
    with pytest.raises(Breach, match=code):
        writing.add_references(session, published, text, by=ANN, now=now)


def test_what_is_not_there_is_refused(session: Session, published: Tip, now: datetime) -> None:
    """A number or an id from elsewhere changes nothing."""
    for number in (0, 2):
        with pytest.raises(Breach, match="reference-unknown"):
            writing.take_out(session, published, number, by=ANN, now=now)
    for row in (0, 2**40):
        with pytest.raises(Breach, match="reference-unknown"):
            writing.cite(session, published, row, by=ANN, now=now)
