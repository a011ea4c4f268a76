"""The service worker asks the DNS about the sender, and the tick launches by what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from newsletter_app.authentication import AuthenticationCheck
from newsletter_app.campaigns import Campaign
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.rings import Ring
from newsletter_app.mail import Keyring
from newsletter_app.media import DiskShelf
from newsletter_app.ports import Ports
from tests.authentication.published import DKIM, DMARC, published
from tests.campaigns.test_campaigns import scheduled
from tests.delivery.conftest import World
from tests.fakes.zone import Zone
from workers import service_tasks
from workers.base import Process
from workers.ticks import bulk_tick

REMOTE = {
    "SMTP_URL": "smtp://me:pass@smtp.provider.example:587?starttls=required",
    "PUBLIC_URL": "https://tips.charity.example",
    "MAIL_FROM": "tips@charity.example",
    "BOUNCE_DOMAIN": "bounce.charity.example",
}
LOCAL = {**REMOTE, "SMTP_URL": "smtp://127.0.0.1:25"}
Open = Callable[..., Process]


class Dns:
    """A DNS whose records a test changes, and how often it was asked anything."""

    def __init__(self) -> None:
        self.rounds = 0
        self.changed: dict[str, object] = {}

    def __call__(self) -> Zone:
        self.rounds += 1
        return published(self.changed)


@pytest.fixture
def dns() -> Dns:
    """Give the charity's DNS."""
    return Dns()


@pytest.fixture
def open_process(
    world: World, engine: Engine, sessions: sessionmaker[Session], links: Links, rung: list[Ring], dns: Dns
) -> Iterator[Open]:
    """Give a maker of workers whose mail leaves by these settings, with a key whose record is published."""
    opened: list[Process] = []

    def open_one(environment: dict[str, str]) -> Process:
        data_dir = world.folder.parent
        settings = Settings.from_env({"DATA_DIR": str(data_dir), **environment}, read_dotenv=False)
        dns.changed[DKIM] = {"TXT": [_key(settings.dkim_dir)]}
        shelf = DiskShelf(settings.data_dir / "media")
        ports = Ports(settings, links, world.clock, engine, sessions, world.unit_of_work, rung.append, shelf)
        opened.append(Process(ports, "mail-1", dns))
        return opened[-1]

    yield open_one
    for process in opened:
        process.leave()


def _key(folder: Path) -> str:
    keyring = Keyring(folder)
    key = keyring.make("n2026", "ed25519")
    # An RSA key takes a tenth of a second to make, and its record is asked for in the same way.
    (folder / "in-use").write_text("n2026\n")
    return key.record()


def state(world: World) -> str:
    with world.unit_of_work() as session:
        return session.get_one(Campaign, world.campaign_id).state


def test_the_dns_is_asked_once_a_day(world: World, open_process: Open, dns: Dns) -> None:
    process = open_process(REMOTE)
    for _tick in range(3):
        process.check_sender()
    assert dns.rounds == 1
    world.clock.move(hours=24)
    process.check_sender()
    assert dns.rounds == 2


def test_what_is_wrong_is_asked_about_every_hour(world: World, open_process: Open, dns: Dns) -> None:
    process = open_process(REMOTE)
    dns.changed[DMARC] = None
    process.check_sender()
    world.clock.move(minutes=59)
    process.check_sender()
    assert dns.rounds == 1
    world.clock.move(minutes=1)
    process.check_sender()
    assert dns.rounds == 2


def test_a_launch_waits_for_the_record_and_goes_on_by_itself(  # M35
    world: World, open_process: Open, dns: Dns
) -> None:
    scheduled(world)
    process = open_process(REMOTE)
    dns.changed[DMARC] = None
    bulk_tick(process)
    assert state(world) == "scheduled"
    process.check_sender()
    bulk_tick(process)
    assert state(world) == "paused"
    del dns.changed[DMARC]
    world.clock.move(hours=1)
    process.check_sender()
    bulk_tick(process)
    assert state(world) == "planning"


def test_a_new_key_is_asked_about_at_once(world: World, open_process: Open, dns: Dns) -> None:
    process = open_process(REMOTE)
    process.check_sender()
    keyring = Keyring(process.ports.settings.dkim_dir)
    keyring.make("n2027", "ed25519")
    (process.ports.settings.dkim_dir / "in-use").write_text("n2027\n")
    process.check_sender()
    assert dns.rounds == 2


@pytest.mark.parametrize("environment", [{}, LOCAL])
def test_where_no_mail_leaves_for_another_machine_nothing_is_asked(  # M35
    world: World, open_process: Open, dns: Dns, environment: dict[str, str]
) -> None:
    scheduled(world)
    process = open_process(environment)
    process.check_sender()
    bulk_tick(process)
    assert (state(world), dns.rounds) == ("planning", 0)
    with world.unit_of_work() as session:
        assert session.scalars(select(AuthenticationCheck)).all() == []


def test_a_key_that_others_can_open_is_a_fault(world: World, open_process: Open) -> None:
    process = open_process(REMOTE)
    (process.ports.settings.dkim_dir / "n2026.pem").chmod(0o644)
    process.check_sender()
    with world.unit_of_work() as session:
        [check] = session.scalars(select(AuthenticationCheck))
    assert [fault["code"] for fault in check.faults] == ["dkim-key-refused"]


def test_the_service_workers_tick_asks(
    world: World, open_process: Open, dns: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:  # M35
    process = open_process(REMOTE)
    monkeypatch.setattr(service_tasks, "process", lambda: process)
    service_tasks.service_tick()
    assert dns.rounds == 1
