"""Words as the search compares them: the same for every spelling, and harmless whatever is typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips.stems import LONGEST_QUESTION, MOST_ASKED, question, stems


@pytest.mark.parametrize(
    ("language", "one", "another"),
    [
        ("en", "Walking", "walks"),
        ("en", "the doctor’s FEET", "THE doctor feet"),
        ("en", "don't", "DON’T"),
        ("fr", "Équilibre", "equilibres"),
        ("fr", "l’œdème", "oedemes"),
        ("fr", "d'alcool", "Alcool"),
        ("fr", "diabétiques", "diabetique"),
    ],
)
def test_spellings_of_a_word_are_one(language: Language, one: str, another: str) -> None:
    assert question(one, language) == question(another, language) != ()


def test_marks_and_addresses_are_not_words() -> None:
    assert (
        stems("Ten steps.[^12] See [this page](https://example.org/a?b=1).", "en") == "ten step see this page"
    )


@given(st.text(max_size=400), st.sampled_from(LANGUAGES))
def test_only_letters_and_digits_reach_a_database(typed: str, language: Language) -> None:
    asked = question(typed, language)
    assert all(re.fullmatch(r"[a-z0-9]+", stem) for stem in asked)  # S15
    assert len(asked) <= MOST_ASKED  # S35
    assert len(set(asked)) == len(asked)


def test_a_question_is_no_longer_than_a_person_types() -> None:
    assert question("walk " * LONGEST_QUESTION, "en") == ("walk",)
    assert len(question("one two three four five six seven eight nine ten", "en")) == MOST_ASKED == 8  # S35
    assert question("x" * LONGEST_QUESTION + " walk", "en") == ("x" * 40,)
