"""The words of the sign-up sheet: printed, signed, and kept with the consent of whoever signed (L1, L3)."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import segno

from newsletter_app.kernel.languages import Language
from newsletter_app.notices import NoticeView
from newsletter_app.organisation import OrganisationView
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.public.wording import SignupWording, signup_wording

MARK_LENGTH = 8
QUIET_ZONE = 4


@dataclass(frozen=True, slots=True)
class PaperWording:
    """Every sentence of the sheet that asks for consent, in one language."""

    form: SignupWording
    lead: str
    consent: str
    legend: str
    notices: tuple[str, ...]

    def evidence(self) -> str:
        """Return the words in the order in which the sheet shows them, a line each."""
        lines = (self.form.title, self.lead, self.legend, *self.notices, self.consent)
        return "\n".join((*lines, self.form.language, self.form.promise))

    @property
    def mark(self) -> str:
        """What is printed small on the sheet, so that a later wording can be told from this one."""
        return hashlib.sha256(self.evidence().encode()).hexdigest()[:MARK_LENGTH]


def paper_wording(
    organisation: OrganisationView, notices: tuple[NoticeView, ...], language: Language
) -> PaperWording:
    """Return the sheet's words in the language of the present page, which is ``language``.

    There is a box to tick even where there is one notice: on paper nothing else says yes (L2).
    """
    form = signup_wording(organisation, notices, language)
    return PaperWording(
        form=form,
        lead=_("It is free. Stop at any time: each email has a link for it. Or call or write to us."),
        consent=_("Yes, please send me by email what I ticked above."),
        legend=_("Choose notices to receive:"),
        notices=form.notices,
    )


def command(wording: PaperWording, notices: Sequence[NoticeView], language: Language) -> str:
    """Return what the office types for a signed sheet, its wording word for word."""
    address, you = _("ADDRESS"), _("YOU")
    keys = " ".join(f"--notice {notice.key}" for notice in notices)
    return (
        f".venv/bin/flask subscribers add {address} --source paper --by {you} --language {language} {keys}"
        f" --wording {shlex.quote(wording.evidence())}"
    )


def qr_code(url: str) -> str:
    """Return ``url`` as a QR code (ISO/IEC 18004, level M): SVG in line, black on white in either scheme."""
    code = segno.make(url, error="m", micro=False)
    return code.svg_inline(border=QUIET_ZONE, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
