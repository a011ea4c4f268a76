"""A tip that may go out, its readers, and somebody at the console who may send it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select, update

from newsletter_app import audit, campaigns, notices
from newsletter_app.audit import AuditEntry
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery
from newsletter_app.planning import plan_slice
from newsletter_app.service_mail import ServiceMail
from newsletter_app.tips import Tip
from tests.factories.content import make_tip
from tests.factories.engine import make_reader
from tests.web.conftest import World
from tests.web.staff.conftest import Desk, Desks

PUBLISHER = "publisher@example.org"


@dataclass
class Desktop:
    """What somebody who sends has before them."""

    world: World
    desk: Desk
    tip_id: int
    notice_id: int

    @property
    def send(self) -> str:
        """The address of the tip's first page about sending."""
        return f"/console/tips/{self.tip_id}/send"

    def rehearse(self, **form: str) -> None:
        """Send oneself the test mails."""
        answer = self.desk.post(f"/console/tips/{self.tip_id}/rehearse", form)
        assert (answer.status_code, answer.location) == (303, f"{self.send}?said=rehearsed")

    def choice(self, **changed: str) -> dict[str, str]:
        """Return the form's fields: now, to the tip's own readers."""
        return {"when": "now", "date": "", "time": "", "notice": str(self.notice_id)} | changed

    def schedule(self, **changed: str) -> Campaign:
        """Schedule the tip and return its campaign."""
        answer = self.desk.post(self.send, self.choice(**changed))
        assert answer.status_code == 303, answer.text
        return self.campaign()

    def campaign(self) -> Campaign:
        """Return the tip's campaign as it is now."""
        with self.world.write() as session:
            found = campaigns.find_of_tip(session, session.get_one(Tip, self.tip_id))
            assert found is not None
            return found

    def noted(self) -> list[AuditEntry]:
        """Return what was noted, the newest first."""
        with self.world.write() as session:
            return audit.newest(session)

    def mails(self) -> list[ServiceMail]:
        """Return the test mails that wait."""
        with self.world.write() as session:
            mine = select(ServiceMail).where(ServiceMail.kind == "test")
            return list(session.scalars(mine.order_by(ServiceMail.id)))


@pytest.fixture
def desktop(world: World, desk: Desks, now: datetime) -> Desktop:
    """Give tip 24 on the web, never sent, with four readers of its notice."""
    return prepared(world, desk, now)


def prepared(world: World, desk: Desks, now: datetime) -> Desktop:
    """Put the tip and its readers there, and a publisher at the console."""
    with world.write() as session:
        notice = notices.offered(session)[0]
        make_reader(session, 1, [notice], now)
        make_reader(session, 2, [notice], now, language="fr", layout="large")
        make_reader(session, 3, [notice], now, cadence="weekly")
        make_reader(session, 4, [notice], now)
        tip = make_tip(session, notice, 24, now)
        ids = tip.id, notice.id
    return Desktop(world, desk("publisher"), *ids)


def begin_sending(desktop: Desktop) -> None:
    """Schedule the tip, and let its launch come and its readers be planned; nothing is handed over yet."""
    desktop.rehearse()
    campaign_id = desktop.schedule().id
    desktop.world.clock.forward(minutes=10)
    with desktop.world.write() as session:
        campaigns.launch_due(session, desktop.world.clock())
        while plan_slice(session, campaign_id, 100, desktop.world.clock()):
            continue


def become(desktop: Desktop, subscriber_id: int, state: str, **facts: object) -> None:
    """Let a reader's row be in this state, as a sender would have recorded it."""
    with desktop.world.write() as session:
        mine = update(Delivery).where(Delivery.subscriber_id == subscriber_id)
        session.execute(mine.values(state=state, settled_at=desktop.world.clock(), **facts))
