"""The words of the sign-up form as one value: shown on the page, and kept as evidence of consent (L1, L3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from newsletter_app.kernel.languages import Language
from newsletter_app.notices import NoticeView, Words
from newsletter_app.organisation import OrganisationView
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.shell import one_line


@dataclass(frozen=True, slots=True)
class SignupWording:
    """Every sentence of the form that asks for consent, in one language."""

    title: str
    lead: str
    address_label: str
    legend: str
    notices: tuple[str, ...]
    language: str
    promise: str
    button: str

    def evidence(self) -> str:
        """Return the words in the order in which the page shows them, a line each."""
        lines = (self.title, self.lead, self.address_label, self.legend, *self.notices)
        return "\n".join(line for line in (*lines, self.language, self.promise, self.button) if line)


# One for each language and, on the pages of tips, for each notice at the head.
@lru_cache(maxsize=64)
def signup_wording(
    organisation: OrganisationView, notices: tuple[NoticeView, ...], language: Language
) -> SignupWording:
    """Return the form's words in the language of the present page, which is ``language``."""
    only = notices[0].side(language).name if len(notices) == 1 else None
    return SignupWording(
        title=_("Subscribe to our newsletter"),
        lead=_("It is free. Stop at any time with one press."),
        address_label=_("Your email address"),
        legend="" if only else _("Choose notices to receive:"),
        notices=tuple(notice_line(notice, language) for notice in notices),
        language=_("We write in English."),
        promise=_promise(organisation, language, only),
        button=_("Send me %(notice)s", notice=only) if only else _("Subscribe"),
    )


def notice_line(notice: NoticeView, language: Language) -> str:
    """Return a notice as its row says it: name, sentence, how often."""
    side = notice.side(language)
    return f"{side.name} – {about_notice(side)}"


def about_notice(side: Words) -> str:
    """Return the sentence, and how often it comes unless the sentence has said so."""
    said = not side.how_often or side.how_often.casefold() in side.sentence.casefold()
    return side.sentence if said else f"{side.sentence} {side.how_often[:1].upper()}{side.how_often[1:]}."


def _promise(organisation: OrganisationView, language: Language, only: str | None) -> str:
    about = organisation.side(language)
    contact = organisation.phone or organisation.email or organisation.website
    place = f"{one_line(about.postal_address)}, {contact}"
    if only:
        return _(
            "%(org)s will send you only this: %(notice)s. We do not watch what you open. "
            "We share your address with nobody. %(place)s.",
            org=about.name,
            notice=only,
            place=place,
        )
    return _(
        "%(org)s will send you only what you tick. We do not watch what you open. "
        "We share your address with nobody. %(place)s.",
        org=about.name,
        place=place,
    )
