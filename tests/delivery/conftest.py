"""A small world for deliveries: an organisation, a notice, a tip, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter_app.campaigns import Wish, find, launch_due, schedule_digests
from newsletter_app.delivery import Outfit, ShardLease, Tempo, finish, send_shard, shards_to_ring
from newsletter_app.digests import Composer
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger import Office, Watch
from newsletter_app.mail import Keyring
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport
from newsletter_app.mail.transport import Transport
from newsletter_app.notices import Notice
from newsletter_app.outbox import OutboxTransport
from newsletter_app.planning import plan_slice
from newsletter_app.subscriptions import end_pauses
from newsletter_app.tips import send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import (
    DOMAIN,
    NO_WISH,
    Hands,
    make_campaign,
    make_composer,
    make_reader,
    make_readers,
    open_office,
)
from tests.fakes.pace import FakePace
from tests.fakes.smtp_server import SmtpServerProcess


@dataclass
class World:
    """What a test of deliveries works with; every act is one transaction of its own."""

    unit_of_work: UnitOfWork
    clock: Hands
    folder: Path
    links: Links
    composer: Composer
    wait: Callable[[float], None] | None = None
    notice_id: int = 0
    campaign_id: int = 0
    pace: FakePace = field(init=False)

    def __post_init__(self) -> None:
        """Keep the tokens of the pace, on the same clock."""
        self.pace = FakePace(self.clock)

    @property
    def tempo(self) -> Tempo:
        """The pace a slice keeps; who waits moves the clock on, unless a test has other plans."""
        return Tempo(self.pace, {}, self.wait or self._move)

    @property
    def keyring(self) -> Keyring:
        """The folder of DKIM keys, read anew each time as another process would."""
        return Keyring(self.folder.parent / "dkim")

    def _move(self, seconds: float) -> None:
        self.clock.move(seconds=seconds)

    @property
    def outfit(self) -> Outfit:
        """What a slice or a probe takes along."""
        return Outfit(self.composer, self.links, "bounce.example.org", self.keyring, self.tempo)

    def launched(self, readers: int, domains: Sequence[str] = (DOMAIN,)) -> None:
        """Add readers, schedule tip 24 for them, launch and plan it."""
        now = self.clock()
        with self.unit_of_work() as session:
            make_organisation(session)
            notice = make_notice(session, now)
            make_readers(session, readers, notice, now, domains)
            self.notice_id = notice.id
            self.campaign_id = make_campaign(session, make_tip(session, notice, 24, now), [notice], now).id
        with self.unit_of_work() as session:
            launch_due(session, now)
        self.plan()

    def plan(self) -> None:
        """Plan the campaign to its end."""
        more = True
        while more:
            with self.unit_of_work() as session:
                more = plan_slice(session, self.campaign_id, 100, self.clock())

    def office(self, transport: Transport | None = None, watch: Watch | None = None) -> Office:
        """Open an office as a worker does; the outbox is its way out unless told otherwise."""
        out = transport or OutboxTransport(self.unit_of_work, self.clock)
        return open_office(self.unit_of_work, self.folder, out, self.clock, watch=watch)

    def send(self, office: Office) -> None:
        """Work once on every shard that has something due, then finish what is done."""
        with self.unit_of_work() as session:
            due = shards_to_ring(session, self.campaign_id, self.clock())
        for shard in due:
            send_shard(
                self.campaign_id,
                shard,
                office=office,
                outfit=self.outfit,
                stop=lambda: False,
            )
        with self.unit_of_work() as session:
            finish(session, self.campaign_id, self.clock())

    def campaign_state(self) -> str:
        """Return the campaign's state as it is now."""
        with self.unit_of_work() as session:
            campaign = find(session, self.campaign_id)
            assert campaign is not None
            return campaign.state


@pytest.fixture
def clock(now: datetime) -> Hands:
    """Give a clock that stands at ``now`` until moved."""
    return Hands(now)


@pytest.fixture
def world(unit_of_work: UnitOfWork, clock: Hands, tmp_path: Path, links: Links, translations: Path) -> World:
    """Give the world, still empty."""
    return World(unit_of_work, clock, tmp_path / "journals", links, make_composer(translations))


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
