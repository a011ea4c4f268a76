"""Sending service mails: the ledger's loop, row by row, with the octets kept for every retry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.links import Links
from newsletter_app.ledger import (
    FINAL,
    MAX_CLAIM,
    Books,
    Ledger,
    Office,
    Recorded,
    State,
    is_locked,
    send_due,
)
from newsletter_app.mail import HeaderRefused
from newsletter_app.mail.transport import Parcel
from newsletter_app.service_mail.claims import Claimed, claim, keep_message
from newsletter_app.service_mail.composing import Composer
from newsletter_app.service_mail.copying import NO_CAMPAIGN
from newsletter_app.service_mail.models import ServiceMail
from newsletter_app.suppression import Suppression

SLICE: Final = timedelta(seconds=20)


def _forget_octets(session: Session, rows: Sequence[Recorded], now: datetime) -> None:
    """Remove the message, with its links, from rows that are done."""
    done = [row.ids[0] for row in rows if row.state in FINAL]
    if done:
        session.execute(
            update(ServiceMail).where(ServiceMail.id.in_(done)).values(message=None, compiled=None, facts={})
        )


SERVICE_MAILS: Final = Ledger(cast(Table, ServiceMail.__table__), "s", ("id",), _forget_octets)


class ServiceErrand:
    """Claims, looks again and composes service mails for one slice (see ``ledger.Errand``)."""

    ledger: Ledger = SERVICE_MAILS

    def __init__(
        self, office: Office, composer: Composer, links: Links, bounce_domain: str, limit: int
    ) -> None:
        """Begin a slice; one claim takes at most ``limit`` rows."""
        self._office, self._composer = office, composer
        self._links, self._bounce_domain = links, bounce_domain
        self._limit = min(limit, MAX_CLAIM)
        self._claim_no = 0

    def claim(self, limit: int, books: Books, *, may_wait: bool) -> Sequence[Claimed] | None:
        """Take due rows, unless something forbids to send. Raises Breach when the database went back.

        No pace is asked: who just signed up does not wait behind a campaign.
        """
        office, now = self._office, self._office.clock()
        with office.unit_of_work() as session:
            books.write(session, now)
            office.watch.look(session, now)
            if is_locked(session) or office.transport.next_server(office.watch.shunned) is None:
                return None
            rows = claim(session, office.sender_id, now, min(limit, self._limit))
            if not rows:
                return None
            self._claim_no = rows[0].claim_no
            office.check(self._claim_no)
        return rows

    def release(self, rows: Sequence[Claimed]) -> None:
        """Let them be: no pace was used."""

    def recheck(self, session: Session, rows: Sequence[Claimed], now: datetime) -> set[tuple[int, ...]]:
        """Skip those of ``rows`` whose address was suppressed for everything since the claim."""
        forbidden = select(Suppression.address_key).where(Suppression.scope == "all")
        statement = (
            update(ServiceMail)
            .where(
                ServiceMail.id.in_([row.id for row in rows]),
                ServiceMail.state == State.claimed,
                ServiceMail.claim_sender == self._office.sender_id,
                ServiceMail.claim_no == self._claim_no,
                ServiceMail.address_key.in_(forbidden),
            )
            .values(
                state=State.skipped,
                reason="suppressed",
                settled_at=now,
                message=None,
                compiled=None,
                facts={},
            )
            .returning(ServiceMail.id)
        )
        found = session.scalars(statement, execution_options={"synchronize_session": False})
        return {(mail_id,) for mail_id in found}

    def parcel(self, row: Claimed) -> Parcel | None:
        """Return the row's parcel, composed and kept at the first attempt; None if no mail can hold it.

        What strangers wrote may hold half a character, which cannot be encoded: it stops its own row alone.
        """
        try:
            message = row.message or self._compose(row)
        except (HeaderRefused, UnicodeError):
            return None
        sender = f"{self._links.bounce_local((NO_CAMPAIGN, row.id))}@{self._bounce_domain}"
        return Parcel(SERVICE_MAILS.key(row.id), row.claim_no, sender, row.address, message)

    def _compose(self, row: Claimed) -> bytes:
        with self._office.unit_of_work() as session:
            message = self._composer.compose(session, row, row.first_attempt_at)
            keep_message(session, row.id, message)
        return message


def send_all(
    *,
    office: Office,
    composer: Composer,
    links: Links,
    bounce_domain: str,
    stop: Callable[[], bool],
    limit: int = 50,
) -> None:
    """Send what is due, for at most a slice of 20 seconds."""
    until = office.clock() + SLICE
    errand = ServiceErrand(office, composer, links, bounce_domain, limit)
    send_due(errand, office, lambda: stop() or office.clock() >= until, stop)
