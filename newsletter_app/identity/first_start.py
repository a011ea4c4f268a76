"""The first start: a link that makes whoever opens it the owner, while there is none; and what is left to do.

It works until that owner has a password and a second factor; from then on they sign in like anybody.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import notices, organisation, service_mail
from newsletter_app.identity.appointing import add
from newsletter_app.identity.letters import NONCE_OCTETS
from newsletter_app.identity.models import THE_ONE, SetUp, Staff
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.kernel.links import Links, Purpose, Token
from newsletter_app.service_mail import LinkSpec

STEPS = ("owner", "organisation", "sender", "notice")


def is_open(session: Session) -> bool:
    """Tell whether nobody works here yet, but for an owner who has not come as far as the second factor."""
    return all(_is_half_made(staff) for staff in session.scalars(select(Staff)))


def first_link(session: Session) -> LinkSpec | None:
    """Return the link of the first start, made now if there is none; None once it is over."""
    if not is_open(session):
        return None
    row = session.get(SetUp, THE_ONE)
    if row is None:
        row = SetUp(id=THE_ONE, nonce=secrets.token_bytes(NONCE_OCTETS))
        session.add(row)
        session.flush()
    return LinkSpec(Purpose.FIRST_START, (row.id,), row.nonce)


def proves_first(session: Session, token: Token, links: Links) -> bool:
    """Tell whether this is the link of the first start, over or not."""
    row = session.get(SetUp, THE_ONE)
    return row is not None and token.ids == (THE_ONE,) and links.proves(token, row.nonce)


def first_owner(
    session: Session, address: str, language: Language, *, hash_key: bytes, now: datetime
) -> Staff:
    """Return the owner to be: made now, or the half-made one, under this address. Raises AddressFault."""
    staff = session.scalars(select(Staff).limit(1)).one_or_none()
    if staff is None:
        return add(session, address, "owner", language, hash_key=hash_key, now=now)
    parsed = parse_address(address.strip())
    staff.address, staff.address_key = str(parsed), address_key(hash_key, parsed)
    staff.language = language
    return staff


def steps_done(session: Session) -> dict[str, bool]:
    """Return which steps of the set-up are done; nothing is noted for it, since the facts themselves tell."""
    row = session.get(SetUp, THE_ONE)
    return {
        "owner": not is_open(session),
        "organisation": not organisation.missing_identification(organisation.find(session)),
        "sender": row is not None and row.mail_tried_at is not None,
        "notice": bool(notices.offered(session)),
    }


def is_finished(session: Session) -> bool:
    """Tell whether somebody said that the set-up is over, or it never began here."""
    row = session.get(SetUp, THE_ONE)
    return row is None or row.finished_at is not None


def finish(session: Session, now: datetime) -> bool:
    """Note that the set-up is over; False, and nothing, while a step is left."""
    row = session.get(SetUp, THE_ONE)
    if row is None or not all(steps_done(session).values()):
        return False
    row.finished_at = row.finished_at or now
    return True


def try_mail(session: Session, staff: Staff, now: datetime) -> None:
    """Queue a mail to this person that says that mails arrive, and remember that it was tried."""
    row = session.get(SetUp, THE_ONE)
    if row is not None:
        row.mail_tried_at = now
    service_mail.queue(
        session, "trial", address=staff.address, address_key=staff.address_key,
        language=as_language(staff.language), now=now,
    )  # fmt: skip


def _is_half_made(staff: Staff) -> bool:
    # Whoever was in once is no beginner, also when the second factor was taken off again.
    is_new = staff.signed_in_at is None and not staff.has_second_factor
    return is_new and staff.role == "owner" and staff.state == "active"
