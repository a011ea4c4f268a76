"""A database that went back in time under the journals: nothing leaves until a person has looked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.accounts import Taken, compare
from tests.journeys.house import House
from tests.journeys.outages import standing_house
from tests.journeys.readers import add_readers
from tests.waiting import until

pytestmark = [pytest.mark.journey]
READERS = 300
SOME = 30
NAMES = ("newsletter.sqlite3", "newsletter.sqlite3-wal", "newsletter.sqlite3-shm")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a house with readers, whose SMTP server takes two hundred messages a second."""
    with standing_house(tmp_path_factory.mktemp("back"), on_postgres=False, delay_ms=20) as standing:
        add_readers(standing.house, READERS)
        yield standing.house


def test_a_campaign_in_its_middle(house: House) -> None:
    """The copy knows some mails, the journals all of them: reconciling teaches it the rest."""
    house.write_tip(1)
    house.publish(1)
    taken = Taken(house)
    until(lambda: taken() >= SOME, "some mails")
    house.machine.stop()
    assert house.state_of(1) == "sending"
    sent = _run_on_and_put_back(house, 1)
    learned = READERS - _accepted(house)
    assert learned > 0
    told = house.machine.flask("campaigns", "reconcile", "--by", "olga@example.org")
    assert f"{learned} rows learned" in told
    assert "Sending is locked" in told
    _unlock(house)
    _nothing_more(house, 1, sent)


def test_a_campaign_that_had_not_begun(house: House) -> None:
    """The copy knows only that the campaign was due; the journals know that it is done."""
    house.write_tip(2)
    house.machine.stop()
    house.publish(2)
    sent = _run_on_and_put_back(house, 2)
    _unlock(house)
    _nothing_more(house, 2, sent)


def _run_on_and_put_back(house: House, number: int) -> int:
    """Copy the stopped machine's database, let it finish its campaign, and start it on the copy.

    Returns how many mails had left by then.
    """
    folder, copies = house.machine.folder / "var", house.machine.folder / f"copies of {number}"
    copies.mkdir()
    for path in _files(folder):
        shutil.copyfile(path, copies / path.name)
    house.machine.start()
    house.wait_until_finished(number)
    house.machine.stop()
    for path in _files(folder):
        path.unlink()
    for path in _files(copies):
        shutil.copyfile(path, folder / path.name)
    sent = len(house.server.account())
    house.machine.start()
    until(lambda: _locks(house), "sending is locked")
    return sent


def _files(folder: Path) -> list[Path]:
    return [folder / name for name in NAMES if (folder / name).exists()]


def _locks(house: House) -> list[dict[str, Any]]:
    return house.machine.rows("SELECT reason FROM sending_locks")


def _accepted(house: House) -> int:
    return len(house.machine.rows("SELECT subscriber_id FROM deliveries WHERE state = 'accepted'"))


def _unlock(house: House) -> None:
    told = house.machine.flask("campaigns", "reconcile", "--unlock", "--by", "olga@example.org")
    assert "Sending is not locked" in told
    assert _locks(house) == []


def _nothing_more(house: House, number: int, sent: int) -> None:
    """See the campaign end with everybody mailed once, and no mail since the copy was put back."""
    house.wait_until_finished(number)
    tally = compare(house, number)
    assert tally.faults == []  # M18, S33
    assert tally.accepted == READERS
    assert len(house.server.account()) == sent
