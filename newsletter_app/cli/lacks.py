"""What a tip or the organisation lacks before it may go out, in words that say where to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.preflight import Finding

NAMES: Final[Mapping[str, str]] = {"en": "English", "fr": "French"}

LACKS: Final[Mapping[str, str]] = {
    "alt": "the {language} side has no words for the picture (alt)",
    "contact": "the organisation has no phone, e-mail or website (flask organisation set --email …)",
    "disclaimer": (
        "the {language} side has no disclaimer, which its notice needs (a section “Consult your doctor”)"
    ),
    "lead": "the {language} side has no lead, the first paragraph",
    "name": "the organisation has no {language} name (flask organisation set --name-{code} …)",
    "notice": "it stands in no notice",
    "notice-missing": "it stands in no notice",
    "number": "it has no number, which its notice needs (a title such as “#25 Walk more”)",
    "organisation": "the organisation is not set (flask organisation set --help)",
    "postal-address": (
        "the organisation has no {language} postal address (flask organisation set --postal-address-{code} …)"
    ),
    "references": "it has no references, which its notice needs",
    "review-overdue": (
        "the day by which it was to be checked again is past (flask tips review NUMBER --help)"
    ),
    "side": "it has no words in any language",
    "side-missing": "it has no {language} side; readers of that language get the other one",
    "catalogue-missing": "the {language} words are not compiled (./run --install requirements.txt does it)",
    "tip-holds-mark": (
        "it holds the word Slot7Qx, which marks places to fill in, or leads to a tip whose title does;"
        " take it out and import again"
    ),
    "tip-withdrawn": "it was withdrawn (flask tips publish … --web-only puts it back on the web)",
    "template-faulty": "its mail cannot be made, for a template is at fault: {language}",
    "mail-without-stop": "its {language} mail has no link to stop; put stop_url back into its own template",
    "mail-without-address": (
        "its {language} mail does not say who sends it, with the postal address; put organisation.name and"
        " organisation.postal_address back into its own template"
    ),
    "complaints": "too many of its readers marked it as spam ({language} complained)",
    "picture-rights-ended": "the rights to its picture ended with {language}, so it goes without",
    "picture-rights-end": "the rights to its picture end with {language}, and then it is shown no more",
    "html-too-big": "its {language} mail has more than 102 KB, which Gmail cuts; shorten it",
    "html-big": "its {language} mail has more than 80 KB; mail programs cut longer ones",
}


def lack(code: str, language: str = "") -> str:
    """Return the words for a code such as ``lead-fr``, or ``lead`` and "fr"."""
    base, _, ending = code.rpartition("-")
    if not language and ending in LANGUAGES:
        code, language = base, ending
    words = LACKS.get(code)
    if words is None:
        return f"{code} {language}".rstrip()
    return words.format(language=NAMES.get(language, language), code=language)


def lack_of(finding: Finding) -> str:
    """Return the words for a finding of preflight; an identity's own code stands in ``where``."""
    if finding.code == "identity-incomplete":
        return lack(finding.where)
    return lack(finding.code, finding.where)
