"""The sign-up form: what it shows, what was typed into it, and what is still wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import request

from newsletter_app.kernel.addresses import Address, AddressFault, parse_address
from newsletter_app.kernel.local_time import is_zone
from newsletter_app.notices import NoticeView
from newsletter_app.organisation import OrganisationView
from newsletter_app.web.known import known
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public import elsewhere, form_token
from newsletter_app.web.public.wording import SignupWording, about_notice, signup_wording
from newsletter_app.web.shell import organisation

LONGEST_ZONE: Final = 64
TRAP: Final = "reference_code"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as the form shows it."""

    id: int
    name: str
    sentence: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with the request, as it came."""

    address: str = ""
    notice_ids: tuple[int, ...] = ()
    token: str = ""
    trap: str = ""
    answer: str = ""
    elsewhere: str = ""
    zone: str = ""


NOTHING_TYPED: Final = Typed()


@dataclass(frozen=True, slots=True)
class SignupPage:
    """The form as the template shows it; ``faults`` maps a field to its sentence."""

    words: SignupWording
    rows: tuple[NoticeRow, ...]
    token: str
    address: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    note: str = ""
    elsewhere: str = ""
    zone: str = ""

    @property
    def chosen_ids(self) -> tuple[int, ...]:
        """The notices that were ticked."""
        return tuple(row.id for row in self.rows if row.chosen)

    @property
    def single(self) -> NoticeRow | None:
        """The only notice, which needs no box to tick."""
        return self.rows[0] if len(self.rows) == 1 else None


def typed() -> Typed:
    """Return what was typed; anything that is no notice's number is dropped."""
    form = request.form
    ids = [
        int(text) for text in form.getlist("notice") if text.isascii() and text.isdigit() and len(text) < 10
    ]
    return Typed(
        address=form.get("address", "").strip()[:500],
        notice_ids=tuple(dict.fromkeys(ids)),
        token=form.get("token", ""),
        trap=form.get(TRAP, ""),
        answer=form.get("answer", ""),
        elsewhere=elsewhere.carried(form.get(elsewhere.FIELD, "")),
        zone=_zone(form.get("zone", "")),
    )


def _zone(told: str) -> str:
    """Return the time zone that a browser told, if there is such a one; anybody may write anything there."""
    return told if 0 < len(told) <= LONGEST_ZONE and is_zone(told) else ""


def offered(first: int | None = None) -> list[NoticeView]:
    """Return the notices on offer, with ``first`` (a tip's own) at the head."""
    return sorted(known().offered, key=lambda notice: notice.id != first)


def shown_order(token: form_token.FormToken | None) -> list[NoticeView]:
    """Return the notices on offer in the order in which the form of ``token`` showed them."""
    head = token.notice_ids[0] if token and token.notice_ids else None
    return offered(head)


def is_open() -> bool:
    """Tell whether the form may be shown: the law wants the organisation's identification on it (L3).

    Raises SQLAlchemyError where no database answers: that is no reason to say that nobody can sign up.
    """
    found = known().organisation
    return found is not None and not found.missing and bool(known().offered)


def page(
    notices: Sequence[NoticeView],
    given: Typed = NOTHING_TYPED,
    faults: dict[str, str] | None = None,
    note: str = "",
    first: form_token.FormToken | None = None,
) -> SignupPage:
    """Return the form with what was typed kept in it; shown again, it came with the token ``first``."""
    words = wording_of(notices)
    now, ids = ports().clock(), [notice.id for notice in notices]
    return SignupPage(
        words=words,
        rows=tuple(notice_row(notice, chosen=notice.id in given.notice_ids) for notice in notices),
        token=form_token.issue(ports().settings.secret_key, words.evidence(), ids, now, first),
        address=given.address,
        faults=faults or {},
        note=note,
        elsewhere=given.elsewhere,
        zone=given.zone,
    )


def wording_of(notices: Sequence[NoticeView]) -> SignupWording:
    """Return the words of the form that shows these notices."""
    return signup_wording(identified(), tuple(notices), current_language())


def identified() -> OrganisationView:
    """Return the organisation where it is known to exist. Raises LookupError where it is not."""
    found = organisation()
    if found is None:
        raise LookupError("there is no organisation yet")
    return found


def faults_of(given: Typed) -> tuple[Address | None, dict[str, str]]:
    """Return the address that was typed, and a sentence for each field that is not right yet."""
    faults: dict[str, str] = {}
    address = None
    try:
        address = parse_address(given.address)
    except AddressFault as fault:
        faults["address"] = address_sentence(fault.code)
    if not given.notice_ids:
        faults["notices"] = _("Choose at least one notice.")
    return address, faults


def address_sentence(code: str) -> str:
    """Return what to do about an address that cannot be read."""
    if code == "empty":
        return _("Type your email address, as in rose@example.ca.")
    if code == "no-at":
        return _("Your address needs an @ sign, as in rose@example.ca.")
    return _("Look at your address again. It should be like rose@example.ca.")


def notice_row(notice: NoticeView, *, chosen: bool) -> NoticeRow:
    """Return a notice as a row in the language of the page."""
    side = notice.side(current_language())
    return NoticeRow(notice.id, side.name, about_notice(side), chosen)
