"""Weekly mails at a mail server: everybody at their own hour, nobody who pauses, and no tip twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter_app import subscribers
from newsletter_app.campaigns import Campaign, Wish, launch_due, schedule_digests
from newsletter_app.delivery import ShardLease
from newsletter_app.ledger import Office
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import end_pauses, missed_by, set_cadences
from newsletter_app.tips import send_into
from tests.delivery.conftest import World
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import NO_WISH, make_reader
from tests.fakes.smtp_server import SmtpServerProcess

# Tuesday, 9 o'clock: in Edmonton, in Halifax, and where it begins first.
EDMONTON, HALIFAX = datetime(2026, 3, 10, 15, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC)
BEGINS = datetime(2026, 3, 9, 10, tzinfo=UTC)
A_WEEK = timedelta(days=7)


@dataclass
class Week:
    """A world with a mail server, and the tick that a worker would do."""

    world: World
    server: SmtpServerProcess
    folder: Path
    office: Office

    def tick(self, at: datetime) -> list[str]:
        """Do at this time what beat asks for; return who got something, in order."""
        seen = len(self.server.account())
        self.world.clock.now = at
        with self.world.unit_of_work() as session:
            end_pauses(session, at)
            schedule_digests(session, at)
            begun = launch_due(session, at)
        for self.world.campaign_id in begun:
            self.world.plan()
        with self.world.unit_of_work() as session:
            open_ = session.scalars(select(ShardLease.campaign_id).distinct()).all()
        for self.world.campaign_id in open_:
            self.world.send(self.office)
        return sorted(line["recipient"].partition("@")[0] for line in self.server.account()[seen:])

    def publish(self, number: int) -> None:
        """Put a tip into the first notice's stream."""
        with self.world.unit_of_work() as session:
            notice = session.get_one(Notice, 1)
            send_into(session, make_tip(session, notice, number, self.world.clock()), [1], self.world.clock())

    def subjects(self) -> list[str]:
        """Return what everything that was taken is called, in order."""
        names = [line["sha256"] for line in self.server.account()]
        files = [(self.folder / f"{name}.eml").read_bytes() for name in names]
        return [str(message_from_bytes(octets, policy=policy.default)["Subject"]) for octets in files]


@pytest.fixture
def week(world: World, tmp_path: Path) -> Iterator[Week]:
    """Give a Monday with four weekly readers: here, in Halifax, one who pauses, and one who will turn."""
    kept = tmp_path / "kept"
    kept.mkdir()
    with world.unit_of_work() as session:
        make_organisation(session)
        notice = make_notice(session, world.clock())
        for number, wish in enumerate((NO_WISH, Wish(zone="America/Halifax"), NO_WISH, NO_WISH), 1):
            make_reader(session, number, [notice], world.clock(), cadence="weekly", wish=wish)
    with SmtpServerProcess(tmp_path, None, "--keep", str(kept)) as server:
        where = SmtpServer("127.0.0.1", server.port, "none")
        with closing(SmtpTransport(where, "b.example", world.clock)) as transport:
            office = world.office(transport)
            with closing(office.journal):
                yield Week(world, server, kept, office)


def pause(week: Week, reader: int, until: datetime) -> None:
    with week.world.unit_of_work() as session:
        subscribers.pause(session, session.get_one(Subscriber, reader), until)


def test_a_week_of_everybody_s_own(week: Week) -> None:
    """Planned when the day begins first; a pause and another rhythm are obeyed until the very hour."""
    assert week.tick(BEGINS - timedelta(days=5)) == []
    week.publish(24)
    week.publish(25)
    assert week.tick(BEGINS) == []
    assert week.tick(HALIFAX - timedelta(minutes=1)) == []
    assert week.tick(HALIFAX) == ["reader2"]
    pause(week, 3, EDMONTON + timedelta(days=3))
    with week.world.unit_of_work() as session:
        set_cadences(session, 4, {1: "monthly"})
    assert week.tick(EDMONTON) == ["reader1"]
    assert week.subjects() == ["Tip 25: Walk a little 25, and one more this week"] * 2
    # The next week: who paused is offered what they missed, and gets what is new; the monthly mail waits.
    week.tick(EDMONTON + timedelta(days=4))
    week.publish(26)
    with week.world.unit_of_work() as session:
        assert len(missed_by(session, 3)) == 2
    week.tick(BEGINS + A_WEEK)
    assert week.tick(HALIFAX + A_WEEK) == ["reader2"]
    assert week.tick(EDMONTON + A_WEEK) == ["reader1", "reader3"]
    assert week.subjects()[2:] == ["Tip 26: Walk a little 26"] * 3
    # A month has all that came out since, and what was given back; nothing comes twice to anybody.
    april = datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert week.tick(april - timedelta(hours=1)) == []
    week.tick(april)
    assert week.tick(datetime(2026, 4, 1, 15, tzinfo=UTC)) == ["reader4"]
    assert week.subjects()[-1] == "Tip 26: Walk a little 26, and 2 more this month"
    with week.world.unit_of_work() as session:
        over = session.scalars(select(Campaign.occurrence).where(Campaign.state == "finished")).all()
    assert {"weekly:2026-W11-2", "weekly:2026-W12-2", "monthly:2026-04"} <= set(over)
