"""Signed newsletters: whose key, the same octets on every retry, and nothing sent when a key is gone."""

from __future__ import annotations

from pathlib import Path

import dkim
import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign, Edition
from newsletter_app.delivery import Delivery
from newsletter_app.ledger import State
from newsletter_app.tables import metadata
from tests.delivery.conftest import World
from tests.delivery.elsewhere import sent_elsewhere
from tests.factories.signing import dns_of, signing_key
from tests.fakes.transports import BUSY, ScriptedTransport
from tests.mail.plain_dkim import signatures

READER = "reader1@example.ca"
OLD, NEW = signing_key("r1"), signing_key("r2")


@pytest.fixture
def keys(world: World, tmp_path: Path) -> Path:
    """Give the folder of two keys, the old one in use."""
    folder = tmp_path / "dkim"
    folder.mkdir(mode=0o700)
    for key in (OLD, NEW):
        path = folder / f"{key.selector}.pem"
        path.write_text(key.to_pem())
        path.chmod(0o600)
    world.keyring.use([OLD.selector])
    return folder


def sent(world: World, *answers: object) -> list[bytes]:
    """Return what is handed over in one round of sending."""
    transport = ScriptedTransport(world.clock, {READER: list(answers)})
    world.send(world.office(transport))
    return [bytes(parcel.message) for parcel in transport.taken]


def state_and_reason(world: World) -> tuple[str, str, str]:
    """Return the campaign's state and why, and its one delivery's state."""
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        return campaign.state, campaign.pause_reason, session.scalars(select(Delivery.state)).one()


@pytest.mark.usefixtures("keys")
def test_every_mail_is_signed_by_the_senders_domain(world: World) -> None:  # M27, M33
    """Each reader's own, aligned with From, at the time of its first attempt."""
    world.launched(readers=3)
    messages = sent(world)
    assert len(set(messages)) == 3
    for message in messages:
        [signature] = signatures(message)
        assert (signature.tags["d"], signature.tags["s"]) == ("example.org", "r1")
        assert int(signature.tags["t"]) == int(world.clock().timestamp())
        assert dkim.verify(message, dnsfunc=dns_of([OLD], "example.org"))


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_retry_a_day_later_by_another_process_after_a_rotation(
    world: World, database_url: URL, translations: Path
) -> None:  # M4, M34
    """The octets are those of the first attempt, though what begins now is signed by the new key."""
    world.launched(readers=1)
    [first] = sent(world, BUSY)
    world.keyring.use([NEW.selector])
    world.clock.move(days=1)
    assert sent_elsewhere(world, database_url.render_as_string(), translations) == [first]
    assert dkim.verify(first, dnsfunc=dns_of([OLD, NEW], "example.org"))


@pytest.mark.usefixtures("keys")
def test_no_key_is_in_the_database_or_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:  # M34
    """Whoever gets hold of a dump or a log can sign nothing with it."""
    caplog.set_level(0)
    world.launched(readers=1)
    sent(world, BUSY)
    with world.unit_of_work() as session:
        written = [str(row) for table in metadata.sorted_tables for row in session.execute(select(table))]
    assert any("tip:24" in row for row in written)
    secret = [line for line in OLD.to_pem().splitlines() if "-----" not in line]
    assert [line for line in secret if line in caplog.text + "".join(written)] == []


def test_what_began_unsigned_stays_so(world: World, keys: Path) -> None:  # M4
    """A key chosen in mid-campaign changes nothing of it."""
    (keys / "in-use").unlink()
    world.launched(readers=1)
    [first] = sent(world, BUSY)
    assert signatures(first) == []
    world.keyring.use([NEW.selector])
    world.clock.move(days=1)
    assert sent(world) == [first]


def test_a_key_that_is_gone_holds_the_campaign(world: World, keys: Path) -> None:  # M34
    """Nothing leaves with other octets; put back, the key goes on where it was."""
    world.launched(readers=1)
    [first] = sent(world, BUSY)
    aside = (keys / "r1.pem").rename(keys / "r1.aside")
    world.clock.move(days=1)
    assert sent(world) == []
    assert state_and_reason(world) == ("paused", "dkim-key-refused:r1", State.deferred)
    aside.rename(keys / "r1.pem")
    with world.unit_of_work() as session:
        campaigns.resume(session, session.get_one(Campaign, world.campaign_id), "op@x.ca", world.clock())
    world.plan()
    world.clock.move(hours=1)  # The shard's lease of before has run out.
    assert sent(world) == [first]


def test_a_key_that_others_can_read_begins_nothing(world: World, keys: Path) -> None:  # M34
    """The campaign is held before anything is compiled."""
    (keys / "r1.pem").chmod(0o644)
    world.launched(readers=1)
    assert sent(world) == []
    assert state_and_reason(world) == ("paused", "dkim-key-refused", State.queued)
    with world.unit_of_work() as session:
        assert session.scalars(select(Edition.compiled)).all() == [None]
