"""Service mails of somebody who is erased: rows, links and octets go; what nobody claimed is not sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.ledger import FINAL
from newsletter_app.service_mail.models import ServiceMail


def erase(session: Session, whose: DataSubject, once: Collection[str] = ()) -> list[int]:
    """Delete every mail to this person, and those with these keys of ``once``; return their ids."""
    theirs = [ServiceMail.address_key.in_(whose.keys), whose.lives_at(ServiceMail.address)]
    if whose.subscriber_id is not None:
        theirs.append(ServiceMail.subscriber_id == whose.subscriber_id)
    if once:
        theirs.append(ServiceMail.once.in_(once))
    return list(session.scalars(delete(ServiceMail).where(or_(*theirs)).returning(ServiceMail.id)))


def forget(session: Session, before: datetime, limit: int) -> int:
    """Delete mails that were settled before a moment; return how many."""
    old = (
        select(ServiceMail.id)
        .where(ServiceMail.settled_at < before, ServiceMail.state.in_(FINAL))
        .limit(limit)
    )
    gone = delete(ServiceMail).where(ServiceMail.id.in_(old)).returning(ServiceMail.id)
    return len(session.scalars(gone).all())
