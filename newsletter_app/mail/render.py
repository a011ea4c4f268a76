"""The template environment of the mails, one per language; strict, so that a missing word is never mailed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newsletter_app.kernel import words
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.mail.overriding import OverridingLoader

DOMAIN: Final = "messages"
KEPT: Final = 64


@lru_cache(KEPT)
def environment(
    language: Language, template_folder: Path, translations_folder: Path, own_folder: str = ""
) -> Environment:
    """Return an environment for ``language`` over ``template_folder`` (which holds ``email/``).

    Templates in ``own_folder``, such as ``email/digest/events``, stand in for those of the folder above.

    A process has one of each, since compiling the templates costs more than any mail; nobody may change it.
    Filters ``day``, ``hour``, ``when`` and ``full_date`` take a zone: ``{{ at|when(zone) }}``; ``moment``
    reads a time as facts hold it, ``month`` and ``grouped`` write a month and a number. English is what the
    templates say; raises Breach when another language has no compiled catalogue, since half a mail in the
    wrong language must not leave.
    """
    made = Environment(
        loader=(
            OverridingLoader(template_folder, own_folder) if own_folder else FileSystemLoader(template_folder)
        ),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(_catalogue(language, translations_folder), newstyle=True)  # type: ignore[attr-defined]  # Added by the extension.
    made.globals["language"] = language
    made.filters |= {
        "day": lambda at, zone: words.day(at, zone, language),
        "hour": lambda at, zone: words.clock_time(at, zone, language),
        "when": lambda at, zone: words.when(at, zone, language),
        "sentence": words.sentence,
        "full_date": lambda at, zone: words.full_date(at, zone, language),
        "month": lambda at: words.month(at, language),
        "grouped": lambda number: words.grouped(number, language),
        "moment": datetime.fromisoformat,
    }
    return made


def _catalogue(language: Language, folder: Path) -> NullTranslations:
    found = Translations.load(folder, [language], DOMAIN)
    if language != "en" and not isinstance(found, Translations):
        raise Breach("catalogue-missing", language=language)
    return found
