"""What preflight found, in the words of the page, and where on the tip's page it is mended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.preflight import Finding
from newsletter_app.tips import Tip, address_of
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.staff.writing.naming import PARTS

WORDS: Final[Mapping[str, LazyString]] = {
    "alt": lazy_gettext("%(side)s: say what the picture shows."),
    "disclaimer": lazy_gettext("%(side)s: the disclaimer is missing."),
    "lead": lazy_gettext("%(side)s: the lead, the first paragraph, is missing."),
    "title": lazy_gettext("%(side)s: the title is missing."),
    "notice": lazy_gettext("The tip stands in no notice."),
    "notice-missing": lazy_gettext("The tip stands in no notice."),
    "number": lazy_gettext("The tip has no number."),
    "references": lazy_gettext("The tip has no references."),
    "side": lazy_gettext("Nothing is written yet."),
    "side-missing": lazy_gettext("%(side)s is not written. Its readers get the other language."),
    "review-overdue": lazy_gettext("The day by which the tip was to be checked again is over."),
    "tip-not-approved": lazy_gettext("Nobody has approved the tip as it is now."),
    "tip-withdrawn": lazy_gettext("The tip was taken off the web."),
    "tip-holds-mark": lazy_gettext("The word Slot7Qx stands in the tip or in one it leads to. Take it out."),
    "edition-empty": lazy_gettext("Nothing is written yet."),
    "organisation-missing": lazy_gettext("The organisation's name and address are not set."),
    "identity-incomplete": lazy_gettext("The organisation's name, address or contact is missing: %(where)s"),
    "catalogue-missing": lazy_gettext("The words of this language are not installed."),
    "template-faulty": lazy_gettext("A template of the mail is at fault: %(where)s"),
    "mail-without-stop": lazy_gettext("%(side)s: the mail has no link to stop."),
    "mail-without-address": lazy_gettext("%(side)s: the mail does not say who sends it."),
    "mail-refused": lazy_gettext("%(side)s: the mail cannot be written: %(about)s"),
    "colour-faint": lazy_gettext("The organisation's colours are hard to read in mails: %(about)s"),
    "picture-rights-ended": lazy_gettext("The rights to the picture ended on %(where)s. It is not shown."),
    "picture-rights-end": lazy_gettext("The rights to the picture end on %(where)s."),
    "pictures-heavy": lazy_gettext("%(side)s: the pictures of the mail have %(about)s. Save them smaller."),
    "html-too-big": lazy_gettext("%(side)s: the mail has more than 102 KB, and Gmail cuts it. Shorten it."),
    "html-big": lazy_gettext("%(side)s: the mail has more than 80 KB. Longer ones are cut."),
    "text-too-big": lazy_gettext("%(side)s: the plain text has more than 102 KB. Shorten it."),
    "text-big": lazy_gettext("%(side)s: the plain text has more than 80 KB. Longer ones are cut."),
    "html-forbidden": lazy_gettext("%(side)s: mail programs cut %(about)s out of the mail."),
    "style-too-big": lazy_gettext("%(side)s: the styles of the mail are too long for Gmail."),
    "program-lacks": lazy_gettext("%(side)s: some mail programs do not know %(about)s."),
    "headings-skip": lazy_gettext("%(side)s: the headings skip a level (%(about)s). Begin with ##."),
    "link-says-nothing": lazy_gettext("%(side)s: a link says “%(about)s”. Let it name what is there."),
    "link-without-words": lazy_gettext("%(side)s: a link has no words: %(about)s"),
    "link-shortened": lazy_gettext("%(side)s: %(about)s hides where a link leads. Give the whole address."),
    "link-gone": lazy_gettext("%(side)s: a link leads nowhere: %(about)s. Correct it or take it out."),
    "link-untrusted": lazy_gettext(
        "%(side)s: browsers warn of a link, for its server cannot prove who it is: %(about)s. Take it out, or"
        " tell those who run it."
    ),
    "link-unsure": lazy_gettext("%(side)s: a link could not be tried: %(about)s. Open it yourself."),
    "links-untried": lazy_gettext("Links that were not tried in the last 30 days: %(about)s"),
    "link-deceives": lazy_gettext("%(side)s: a link shows another address than it leads to: %(about)s"),
    "subject-long": lazy_gettext("%(side)s: the subject has %(about)s letters. Phones show about 40."),
    "subject-shouts": lazy_gettext("%(side)s: the subject shouts. Take capitals and !! out."),
    "preheader-missing": lazy_gettext("%(side)s: begin the lead with a sentence. Lists of mails show it."),
    "preheader-repeats": lazy_gettext("%(side)s: the lead repeats the title. Let it say more."),
    "text-lacks-link": lazy_gettext("%(side)s: the plain text lacks an address: %(about)s"),
    "text-thin": lazy_gettext("%(side)s: the plain text says much less than the mail."),
    "text-holds-html": lazy_gettext("%(side)s: readers of plain text see “%(about)s”."),
    "hard-to-read": lazy_gettext("%(side)s: it asks for %(about)s years of school. Aim for 7."),
    "side-older": lazy_gettext("%(side)s: the other side changed since. Look whether both say the same."),
    "source-gone": lazy_gettext("A source is gone from the web: %(about)s"),
    "gathered-tip-unfit": lazy_gettext("A tip that this mail gathers may go out no more."),
    "spam-score": lazy_gettext("%(side)s: a filter takes the mail for spam (%(about)s points)."),
}
# The field in which each is mended, of the side that it is about; the others have a place of their own.
FIELDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("alt", "disclaimer", "lead", "title"), ""),
    **dict.fromkeys(("subject-long", "subject-shouts"), "title"),
    **dict.fromkeys(("preheader-missing", "preheader-repeats"), "lead"),
    **dict.fromkeys(("headings-skip", "hard-to-read", "text-holds-html"), "body"),
    **dict.fromkeys(
        ("link-says-nothing", "link-without-words", "link-shortened", "link-deceives", "html-too-big"), "body"
    ),
    **dict.fromkeys(("html-big", "text-too-big", "text-big", "side-older", "side-missing"), "body"),
}
# Where a link stands decides; a mail has some that no part of the tip holds.
TRIED: Final = frozenset({"link-gone", "link-untrusted", "link-unsure"})
_WEB: Final = re.compile(r"https?://[^\s)>\]]+")
PLACES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("references", "source-gone"), "references"),
    **dict.fromkeys(("picture-rights-ended", "picture-rights-end", "pictures-heavy"), "picture-of"),
    "tip-not-approved": "steps",
    "side": "title_en",
}


def finding_words(found: Finding) -> str:
    """Return a sentence or two; a code without words is told as it is."""
    return _words(found.code, found.where, found.about)


def place_of(found: Finding, tip: Tip) -> str:
    """Return the id of the field or section where it is mended, "" where that is no part of the page."""
    if found.code in TRIED and found.where in LANGUAGES:
        return _place_of_link(found.about, tip, as_language(found.where))
    if found.code in FIELDS and found.where in LANGUAGES:
        return f"{FIELDS[found.code] or found.code}_{found.where}"
    return PLACES.get(found.code, "")


def _place_of_link(about: str, tip: Tip, language: Language) -> str:
    """Return where the address was typed; the organisation's own links stand in no part of a tip."""
    side = tip.side(language)
    texts = {f"lead_{language}": side.lead, f"body_{language}": side.body} if side else {}
    typed = {place: _WEB.findall(text) for place, text in texts.items()}
    typed["references"] = [address_of(each.reference) or "" for each in tip.citations]
    named = (place for place, them in typed.items() if any(at and f"{at} (" in about for at in them))
    return next(named, "")


def missing_words(codes: str) -> str:
    """Return what ``missing_to_publish`` names ("lead-en,references") as sentences."""
    told = []
    for code in codes.split(","):
        base, _dash, ending = code.rpartition("-")
        told.append(_words(base, ending) if ending in LANGUAGES else _words(code))
    return " ".join(told)


def breach_words(breach: Breach) -> str:
    """Return why a mail cannot be composed."""
    where = "{template}, {line}: {reason}".format_map(breach.facts) if "template" in breach.facts else ""
    return _words(breach.code, where)


def _words(code: str, where: str = "", about: str = "") -> str:
    words = WORDS.get(code)
    if words is None:
        return _("Something is wrong: %(code)s", code=code)
    side = str(PARTS.get(where, where))
    return str(words) % {"side": side, "where": where, "about": about}
