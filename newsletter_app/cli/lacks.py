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
    "tip-not-approved": "nobody has approved it as it is now (flask tips approve NUMBER)",
    "title": "the {language} side has no title",
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
    "text-too-big": "the plain text of its {language} mail has more than 102 KB; shorten it",
    "text-big": "the plain text of its {language} mail has more than 80 KB; mail programs cut longer ones",
    "html-forbidden": (
        "its {language} mail holds {about}, which mail programs cut out, and more with it; take it out of the"
        " notice's own template"
    ),
    "style-too-big": (
        "the styles of its {language} mail have {about} signs; from 8,192 on Gmail leaves them all out, so"
        " shorten those of the notice's own template"
    ),
    "program-lacks": (
        "its {language} mail uses {about}, where it is not known; take something else in the notice's own"
        " template"
    ),
    "headings-skip": (
        "the headings of its {language} mail go {about}; who jumps from heading to heading by ear misses a"
        " level, so begin with “##” and go down one “#” at a time"
    ),
    "link-says-nothing": (
        "a link of its {language} mail says “{about}”; let its words name what is there, such as “how to"
        " choose shoes”"
    ),
    "link-without-words": "a link of its {language} mail has no words: {about}",
    "link-shortened": (
        "a link of its {language} mail leads through {about}, which hides where; give the address itself"
    ),
    "link-gone": (
        "a link of its {language} mail leads nowhere any more: {about}; correct it, or take it out"
    ),
    "link-untrusted": (
        "a link of its {language} mail leads to a server that cannot prove who it is, and browsers warn of"
        " it: {about}; tell those who run it, or take it out"
    ),
    "link-unsure": (
        "a link of its {language} mail could not be tried: {about}; open it yourself, or try again later"
    ),
    "links-untried": (
        "links of its mails that were not tried in 30 days: {about} (flask tips check NUMBER --links tries"
        " them)"
    ),
    "link-deceives": (
        "a link of its {language} mail shows another address than it leads to: {about}; make them agree"
    ),
    "subject-long": "its {language} subject has {about} signs, and phones show about 40; shorten the title",
    "subject-shouts": "its {language} subject shouts (capitals, “!!”), as unwanted mail does; calm it down",
    "preheader-missing": (
        "nothing stands behind its {language} subject in a list of mails; begin the lead with a sentence"
    ),
    "preheader-repeats": (
        "the first sentence of its {language} lead repeats the title, and both stand side by side in a list"
        " of mails; let it say more"
    ),
    "pictures-heavy": "the pictures of its {language} mail have {about} together; save them smaller",
    "text-lacks-link": "the plain text of its {language} mail lacks an address that its HTML has: {about}",
    "text-thin": "the plain text of its {language} mail has much less to say than its HTML",
    "text-holds-html": "the plain text of its {language} mail holds “{about}”, which readers see so",
    "hard-to-read": (
        "its {language} words ask for {about} years of school, and 7 is the aim; take shorter sentences and"
        " plainer words"
    ),
    "side-older": (
        "its {language} side was not changed since {about}, when the other one was; look whether it still"
        " says the same"
    ),
    "mail-refused": "its {language} mail cannot be written: {about}",
    "spam-score": (
        "SpamAssassin gives its {language} mail {about} points, and takes 5 for spam; change the words or the"
        " links that these rules name (each is explained on the web)"
    ),
    "colour-faint": (
        "in the {language} scheme a colour of the organisation cannot be read: {about}; choose another"
        " (flask organisation set --help)"
    ),
    "gathered-tip-unfit": (
        "tip {language}, which this mail gathers, may go out no more; `flask tips check {language}` says why"
    ),
    "source-gone": "a source is gone from the web: {about} (flask references check tells since when)",
}


def lack(code: str, language: str = "", about: str = "") -> str:
    """Return the words for a code such as ``lead-fr``, or ``lead`` and "fr", which speaks of ``about``."""
    base, _, ending = code.rpartition("-")
    if not language and ending in LANGUAGES:
        code, language = base, ending
    words = LACKS.get(code)
    if words is None:
        return f"{code} {language}".rstrip()
    return words.format(language=NAMES.get(language, language), code=language, about=about)


def lack_of(finding: Finding) -> str:
    """Return the words for a finding of preflight; an identity's own code stands in ``where``."""
    if finding.code == "identity-incomplete":
        return lack(finding.where)
    return lack(finding.code, finding.where, finding.about)
