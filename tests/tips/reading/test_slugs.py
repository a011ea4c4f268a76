"""Slugs: ASCII, at most 60 characters, never empty."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.tips.reading import slugify


@pytest.mark.parametrize(
    ("title", "language", "slug"),
    [
        ("Look at your feet every day", "en", "look-at-your-feet-every-day"),
        ("Don't walk barefoot", "en", "dont-walk-barefoot"),
        ("Vérifiez l’eau du bain", "fr", "verifiez-l-eau-du-bain"),
        ("Le cœur et l'œil: ça va?", "fr", "le-coeur-et-l-oeil-ca-va"),
        ("健康", "en", "tip"),
        ("…", "fr", "conseil"),
        ("word " * 20, "en", "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("a" * 80, "en", "a" * 60),
    ],
)
def test_slugs(title: str, language: str, slug: str):
    assert slugify(title, language) == slug


@given(st.text(), st.sampled_from(["en", "fr"]))
def test_any_title_gives_a_lawful_slug(title: str, language: str):
    slug = slugify(title, language)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 60
    assert slugify(slug, language) == slug
