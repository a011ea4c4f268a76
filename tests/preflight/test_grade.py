"""How hard a text is to read: the order of what is plain and what is not, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.preflight.grade import school_year, syllables

PLAIN: dict[Language, str] = {
    "en": "Look at your feet each day. A small cut can go unfelt. Take a mirror if you cannot bend. " * 5,
    "fr": "Regardez vos pieds chaque jour. Une petite plaie ne fait pas mal. Prenez un miroir. " * 5,
}
HARD: dict[Language, str] = {
    "en": "Comprehensive multidisciplinary management encompassing pharmacological interventions,"
    " physiotherapy and individualised education ameliorates symptoms considerably. " * 6,
    "fr": "Une prise en charge multidisciplinaire comprenant des interventions pharmacologiques, la"
    " physiothérapie et une éducation individualisée atténue considérablement les symptômes. " * 6,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_words_ask_for_few_years(language: Language) -> None:  # A13
    plain, hard = school_year([PLAIN[language]], language), school_year([HARD[language]], language)
    assert (plain or 99) <= 6
    assert (hard or 0) >= 13


def test_the_formula_of_kincaid() -> None:
    """Sentences of five words with seven syllables."""
    year = school_year(["A mirror will help today. A mirror will help today."] * 6, "en")
    assert year == pytest.approx(0.39 * 5 + 11.8 * 7 / 5 - 15.59)


def test_items_of_a_list_are_sentences() -> None:
    items, paragraph = ["a small cut"] * 20, "a small cut " * 20
    assert (school_year(items, "en") or 0) < (school_year([paragraph], "en") or 0)


def test_of_few_words_nothing_is_said() -> None:
    assert school_year(["word"] * 59, "en") is None
    assert school_year(["word"] * 60, "en") is not None


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("feet", "en", 1),
        ("doctor", "en", 2),
        ("you", "en", 1),
        ("again", "en", 2),
        ("médecin", "fr", 3),
        ("pied", "fr", 1),
    ],
)
def test_syllables(word: str, language: Language, count: int) -> None:
    assert syllables(word, language) == count


@given(st.lists(st.text(max_size=80), max_size=6), st.sampled_from(LANGUAGES))
def test_any_text_is_counted(blocks: list[str], language: Language) -> None:
    assert (school_year(blocks, language) or 0) >= 0
