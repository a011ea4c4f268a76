"""The two languages every page, mail and form exists in."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, Language]] = ("en", "fr")


def as_language(text: str | None, default: Language = "en") -> Language:
    """Return the language that ``text`` ("fr", "fr-CA", "EN_us") names, else ``default``."""
    short = (text or "")[:2].lower()
    return "fr" if short == "fr" else "en" if short == "en" else default


def other(language: Language) -> Language:
    """Return the other of the two languages."""
    return "fr" if language == "en" else "en"
