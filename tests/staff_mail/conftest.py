"""An organisation with tips and staff of every role, and what each of them was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import campaigns, staff_mail
from newsletter_app.campaigns import Campaign
from newsletter_app.identity import Staff
from newsletter_app.notices import Notice
from newsletter_app.service_mail import ServiceMail
from newsletter_app.tips import Tip
from tests.delivery.conftest import clock, world
from tests.factories.content import make_tip
from tests.factories.people import three_notices
from tests.factories.staff import make_staff

__all__ = ["clock", "world"]


@dataclass
class Desk:
    """A database with two tips and four people, whose mails are looked at."""

    session: Session
    now: datetime
    notices: list[Notice]
    tips: list[Tip]
    staff: dict[str, Staff]

    def tell(self, **later: float) -> list[tuple[str, str]]:
        """Look after so much time what staff are to be told; return (kind, who) of the new mails."""
        before = set(self.session.scalars(select(ServiceMail.id)))
        staff_mail.tell(self.session, self.now + timedelta(**later))
        new = select(ServiceMail).where(ServiceMail.kind.like("staff-%"), ServiceMail.id.not_in(before))
        return sorted(
            (mail.kind.removeprefix("staff-"), mail.address.partition("@")[0])
            for mail in self.session.scalars(new)
        )

    def facts(self) -> dict[str, object]:
        """Return what the newest mail says."""
        newest = select(ServiceMail).order_by(ServiceMail.id.desc()).limit(1)
        found: dict[str, object] = self.session.scalars(newest).one().facts["staff"]
        return found

    def schedule(self, tip: Tip, at: datetime) -> Campaign:
        """Schedule a tip for its notice's readers."""
        return campaigns.schedule(self.session, tip, due_at=at, by="publisher@example.org", now=self.now)


@pytest.fixture
def desk(session: Session, now: datetime) -> Desk:
    """Give two tips, and an editor, a publisher, an owner and a viewer; it is Monday, 9 in Edmonton."""
    notices = three_notices(session, now)
    tips = [make_tip(session, notices[0], number, now) for number in (24, 25)]
    staff = {
        role: make_staff(session, role, now - timedelta(days=9))
        for role in ("editor", "publisher", "owner", "viewer")
    }
    return Desk(session, now, notices, tips, staff)
