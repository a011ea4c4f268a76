"""What the staff are mailed: an invitation, or the link by which a forgotten password is replaced.

The link leads to a new password and no further: who has a second factor is still asked for it (S22).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import audit, organisation, service_mail
from newsletter_app.identity.models import Staff
from newsletter_app.identity.proving import by_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Links, Purpose, Token
from newsletter_app.service_mail import LinkSpec

NONCE_OCTETS: Final = 16
INVITATION: Final = timedelta(days=7)
RESET: Final = timedelta(hours=1)
A_DAY: Final = 3


def renew_links(staff: Staff, *, until: datetime | None) -> None:
    """Revoke every link this person was sent; the next ones hold until then, or there is none."""
    staff.nonce, staff.link_until = secrets.token_bytes(NONCE_OCTETS), until


def password_link(staff: Staff) -> LinkSpec:
    """Return the link by which this person chooses a password, as it holds now."""
    return LinkSpec(Purpose.PASSWORD, (staff.id,), staff.nonce)


def mail_invitation(session: Session, staff: Staff, now: datetime) -> bool:
    """Queue the mail with the link that holds now; False where it cannot be sent yet or not to this address.

    An owner may ask for it as often as they like.
    """
    if organisation.find(session) is None:
        return False
    return _queue(session, "invite", staff, password_link(staff), now, at_most=None)


def ask_reset(session: Session, address: str, *, hash_key: bytes, now: datetime, origin: str) -> None:
    """Mail a link to whoever works here under this address; that somebody asked is noted either way."""
    staff = by_address(session, address, hash_key=hash_key)
    known = staff is not None and staff.state != "disabled"
    actor, subject = (staff.address, f"staff:{staff.id}") if staff else ("unknown", "")
    audit.note(session, actor=actor, action="staff.reset-asked", subject=subject, now=now, origin=origin)
    if staff is None or not known or organisation.find(session) is None:
        return
    nonce = secrets.token_bytes(NONCE_OCTETS)
    kind, life = ("reset", RESET) if staff.state == "active" else ("invite", INVITATION)
    # The link that somebody holds is revoked by a newer one, and not by asking again and again.
    if _queue(session, kind, staff, LinkSpec(Purpose.PASSWORD, (staff.id,), nonce), now, at_most=A_DAY):
        staff.nonce, staff.link_until = nonce, now + life


def give_password_link(session: Session, staff: Staff, *, by: str, now: datetime) -> None:
    """Let the link of this person hold for an hour, for whoever hands it over. Raises Breach if disabled."""
    if staff.state == "disabled":
        raise Breach("staff-disabled")
    renew_links(staff, until=now + RESET)
    audit.note(session, actor=by, action="staff.reset-asked", subject=f"staff:{staff.id}", now=now)


def of_link(session: Session, token: Token, links: Links, now: datetime) -> tuple[Staff | None, bool]:
    """Return whose link this is (None if it was not made here or is revoked), and whether it still holds."""
    staff = session.get(Staff, token.row_id) if token.purpose is Purpose.PASSWORD else None
    if staff is None or not links.proves(token, staff.nonce):
        return None, False
    return staff, staff.state != "disabled" and staff.link_until is not None and now < staff.link_until


def _queue(
    session: Session, kind: str, staff: Staff, link: LinkSpec, now: datetime, *, at_most: int | None
) -> bool:
    queued = service_mail.queue(
        session, kind, address=staff.address, address_key=staff.address_key, at_most=at_most,
        language=as_language(staff.language), facts={"link": link.to_facts()}, now=now,
    )  # fmt: skip
    return queued is not None
