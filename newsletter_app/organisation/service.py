"""Setting and getting the one organisation."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.organisation.colours import Palette, colour, palette, refuse_faint
from newsletter_app.organisation.models import THE_ONE, CadenceSlot, Organisation, OrganisationSide

FACTS: Final = frozenset({
    "charity_number", "email", "phone", "website", "donation_url", "privacy_contact", "alert_address",
    "time_zone", "default_language", "main_colour", "main_colour_dark", "accent_colour", "logo",
})  # fmt: skip
COLOURS: Final = ("main_colour", "main_colour_dark", "accent_colour")
WEB_ADDRESSES: Final = frozenset({"website", "donation_url"})
_WEB: Final = re.compile(r"https?://[^\s/]\S*")
WORDS: Final = frozenset({"name", "appeal", "postal_address"})


def find(session: Session) -> Organisation | None:
    """Return the organisation, or None before it was first set."""
    return session.get(Organisation, THE_ONE)


def get(session: Session) -> Organisation:
    """Return the organisation. Raises Breach before it was first set."""
    organisation = find(session)
    if organisation is None:
        raise Breach("organisation-missing")
    return organisation


def set_facts(session: Session, **facts: str) -> Organisation:
    """Set what is the same in both languages.

    Raises Breach for an unknown fact, zone or language, for an ``email`` that no header can hold, for what is
    no colour, and for colours that could not be read: nothing is set then.
    """
    if unknown := set(facts) - FACTS:
        raise Breach("organisation-fact-unknown", names=",".join(sorted(unknown)))
    _refuse_unknown_values(facts)
    facts |= {name: colour(facts[name]) for name in COLOURS if name in facts}
    facts |= {"email": _mailbox(facts["email"])} if facts.get("email", "").strip() else {}
    organisation = find(session) or _begin(session)
    if not facts.keys().isdisjoint(COLOURS):
        refuse_faint(palette(*(facts.get(name, getattr(organisation, name)) for name in COLOURS)))
    for name, value in facts.items():
        setattr(organisation, name, value.strip())
    session.flush()
    return organisation


def set_words(session: Session, language: Language, **words: str) -> Organisation:
    """Set name, appeal or postal address in one language. Raises Breach for an unknown word."""
    if unknown := set(words) - WORDS:
        raise Breach("organisation-word-unknown", names=",".join(sorted(unknown)))
    organisation = find(session) or _begin(session)
    side = organisation.side(language)
    for name, value in words.items():
        setattr(side, name, value.strip())
    session.flush()
    return organisation


def writer_may_approve(session: Session) -> bool:
    """Tell whether whoever wrote a tip may also approve it, and need not be asked; so it begins."""
    organisation = find(session)
    return organisation is None or organisation.writer_may_approve


def let_writer_approve(session: Session, may: bool) -> None:
    """Let whoever wrote a tip approve it, or want another person. Raises ``organisation-missing``."""
    get(session).writer_may_approve = may
    session.flush()


def slot(organisation: Organisation, cadence: str) -> CadenceSlot | None:
    """Return when this cadence is sent, or None where nothing was decided."""
    return next((slot for slot in organisation.slots if slot.cadence == cadence), None)


def set_slot(
    session: Session,
    cadence: str,
    *,
    weekday: int | None = None,
    day_of_month: int | None = None,
    hour: int | None = None,
) -> Organisation:
    """Set when a cadence is sent; what is None stays. Raises Breach before the organisation was first set,
    and ``slot-unreadable`` for what is no weekday (0–6), day (1–31) or hour (0–23).
    """
    whole = get(session)
    given = {"weekday": (weekday, range(7)), "day_of_month": (day_of_month, range(1, 32))}
    given["hour"] = (hour, range(24))
    if wrong := [name for name, (value, known) in given.items() if value is not None and value not in known]:
        raise Breach("slot-unreadable", names=",".join(wrong))
    found = slot(whole, cadence)
    if found is None:
        found = CadenceSlot(cadence=cadence)
        whole.slots.append(found)
    for name, (value, _known) in given.items():
        if value is not None:
            setattr(found, name, value)
    session.flush()
    return whole


def set_review(session: Session, *, writer_may_approve: bool) -> Organisation:
    """Set whether whoever wrote a tip may approve it. Raises Breach before the organisation was first set."""
    whole = get(session)
    whole.writer_may_approve = writer_may_approve
    session.flush()
    return whole


def palette_of(organisation: Organisation | None) -> Palette:
    """Return the colours of pages and mails: the organisation's own, else the house's."""
    if organisation is None:
        return palette()
    return palette(organisation.main_colour, organisation.main_colour_dark, organisation.accent_colour)


def _begin(session: Session) -> Organisation:
    sides = [OrganisationSide(language=language, name="") for language in LANGUAGES]
    slots = [
        CadenceSlot(cadence="each", weekday=1, hour=9),
        CadenceSlot(cadence="weekly", weekday=1, hour=9),
        CadenceSlot(cadence="monthly", day_of_month=1, hour=9),
    ]
    organisation = Organisation(sides=sides, slots=slots)
    session.add(organisation)
    session.flush()
    return organisation


def _mailbox(text: str) -> str:
    """Return an address as headers write it: it stands in the Reply-To of every mail."""
    try:
        found = parse_address(text)
    except AddressFault as fault:
        raise Breach("email-unreadable", address=text) from fault
    if not found.local.isascii():
        raise Breach("email-unreadable", address=text)
    return str(found)


def _refuse_unknown_values(facts: dict[str, str]) -> None:
    for name in WEB_ADDRESSES & facts.keys():
        # They become links in every mail; "javascript:" would be one that runs (S13).
        if facts[name].strip() and not _WEB.fullmatch(facts[name].strip()):
            raise Breach("web-address-unreadable", name=name, address=facts[name])
    if facts.get("default_language", "en") not in LANGUAGES:
        raise Breach("language-unknown", language=facts["default_language"])
    try:
        ZoneInfo(facts.get("time_zone", "UTC").strip())
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise Breach("time-zone-unknown", zone=facts["time_zone"]) from fault
