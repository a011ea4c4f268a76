"""The organisation as a value: what pages say of it, whole and bound to no session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel import clock
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.kernel.remembering import once
from newsletter_app.organisation.colours import Palette
from newsletter_app.organisation.models import Organisation, OrganisationSide
from newsletter_app.organisation.rules import missing_identification
from newsletter_app.organisation.service import find, palette_of

ZONE_OF_NOBODY: Final = "UTC"


@dataclass(frozen=True, slots=True)
class OrganisationWords:
    """The organisation in one language."""

    name: str
    appeal: str
    postal_address: str


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """The organisation as it stood when it was read; ``missing`` is what ``missing_identification`` says,
    ``logo`` the name of a stored picture or "".

    Equal to another reading that found the same.
    """

    email: str
    phone: str
    website: str
    donation_url: str
    privacy_contact: str
    time_zone: str
    missing: tuple[str, ...]
    palette: Palette
    logo: str
    sides: tuple[tuple[Language, OrganisationWords], ...]

    def side(self, language: Language) -> OrganisationWords:
        """Return the organisation's words in ``language``; both always exist."""
        return next(words for written_in, words in self.sides if written_in == language)


def view(session: Session) -> OrganisationView | None:
    """Return the organisation as a value, or None before it was first set."""
    found = find(session)
    return _view_of(found) if found is not None else None


def zone_of(session: Session) -> str:
    """Return the organisation's time zone, which dates are written in; UTC before it was first set."""
    zone = once(session, "zone", lambda: session.scalar(select(Organisation.time_zone)))
    return zone or ZONE_OF_NOBODY


def local_day(session: Session, now: datetime) -> date:
    """Return the day it is where the organisation is; in UTC before it was first set."""
    return clock.local_day(now, zone_of(session))


def _view_of(row: Organisation) -> OrganisationView:
    return OrganisationView(
        email=row.email,
        phone=row.phone,
        website=row.website,
        donation_url=row.donation_url,
        privacy_contact=row.privacy_contact,
        time_zone=row.time_zone,
        missing=missing_identification(row),
        palette=palette_of(row),
        logo=row.logo,
        sides=tuple((as_language(side.language), _words_of(side)) for side in row.sides),
    )


def _words_of(side: OrganisationSide) -> OrganisationWords:
    return OrganisationWords(side.name, side.appeal, side.postal_address)
