"""Whether the links of references still lead somewhere: what is due to be tried, and what was seen means."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from newsletter_app.tips.library import DOI, address_of
from newsletter_app.tips.models import Reference, TipReference

Health = Literal["unchecked", "alive", "dead", "unclear"]
# Gone for good by the word of the server (RFC 9110 15.5.5, 15.5.11), or no server has the name any more.
DEAD: Final = frozenset({"404", "410", "name-unknown", "address-unreadable"})


class Link(NamedTuple):
    """A link to try: the id of its reference (0 for none), its address, whether redirects are followed.

    The registry of DOIs answers for a DOI itself; what it leads to belongs to publishers who refuse machines.
    """

    reference_id: int
    address: str
    follow: bool


def link_to(address: str) -> Link:
    """Return the link to an address that a mail names, whoever's it is."""
    return Link(0, address, not address.startswith(DOI))


def health(found: str | None) -> Health:
    """Tell what was seen: a refusal (403, 429), an error or silence says nothing about the page itself."""
    if found is None:
        return "unchecked"
    if found in DEAD:
        return "dead"
    return "alive" if found.isdecimal() and int(found) < 400 else "unclear"


def due_links(session: Session, *, before: datetime) -> list[Link]:
    """Return the links of cited references that were not tried since ``before``, longest untried first."""
    cited = select(TipReference.reference_id)
    due = or_(Reference.checked_at.is_(None), Reference.checked_at < before)
    rows = session.scalars(
        select(Reference)
        .where(Reference.id.in_(cited), due)
        .order_by(Reference.checked_at.nulls_first(), Reference.id)
    )
    return [
        Link(reference.id, address, not address.startswith(DOI))
        for reference in rows
        if (address := address_of(reference))
    ]


def record_check(session: Session, link: Link, found: str, now: datetime) -> None:
    """Keep what was found for a link; one whose address was changed meanwhile is left to the next try."""
    reference = session.get(Reference, link.reference_id)
    if reference is not None and address_of(reference) == link.address:
        reference.checked_at, reference.check_found = now, found
