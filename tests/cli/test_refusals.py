"""Every breach a room can raise has a sentence, which asks only for facts that the breach brings."""

from __future__ import annotations

from string import Formatter

import pytest

from newsletter_app.cli.refusals import SENTENCES, sentence
from newsletter_app.kernel.errors import Breach
from tests.cli.source import PACKAGE, Call, calls


@pytest.fixture(scope="module")
def breaches() -> list[Call]:
    """Give every breach that the source can raise."""
    return list(calls(PACKAGE, {"Breach", "ImageFault"}, 0))


def test_every_breach_has_a_sentence(breaches: list[Call]) -> None:
    """And no sentence stands for a breach that is gone."""
    assert {breach.code for breach in breaches} == set(SENTENCES)


def test_a_breach_brings_the_facts_of_its_sentence(breaches: list[Call]) -> None:
    assert not [breach for breach in breaches if not _facts_of(breach.code) <= breach.keywords]


def _facts_of(code: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}


def test_facts_stand_in_the_sentence() -> None:
    told = sentence(Breach("references-differ", number=24, here=3, there=2))
    assert "this file has 3 where the tip has 2" in told


def test_missing_parts_are_told_in_words() -> None:
    told = sentence(Breach("tip-incomplete", number=4, missing="lead-fr,references"))
    assert told == (
        "The tip is not complete: the French side has no lead, the first paragraph;"
        " it has no references, which its notice needs."
    )
    assert "lead-fr" not in told
