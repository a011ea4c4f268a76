"""What is asked for in mid-campaign counts at once: a worker told to leave, a reader who stops."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter_app.kernel.links import Purpose
from tests.journeys.accounts import Taken, compare
from tests.journeys.house import House
from tests.journeys.outages import standing_house
from tests.journeys.reader import one_click
from tests.journeys.readers import add_readers
from tests.journeys.rounds import BULK
from tests.waiting import until

pytestmark = [pytest.mark.journey]
READERS = 800
SOME = 40
EFFECT_S = 2.0  # M51 allows minutes.
ENDED = ("skipped", "ended")
CLAIMED = "SELECT max(subscriber_id) AS last, count(*) AS many FROM deliveries WHERE state = 'claimed'"
QUEUED_NEXT = (
    "SELECT max(subscriber_id) AS id FROM deliveries"
    " WHERE shard = (SELECT min(shard) FROM deliveries WHERE state = 'queued')"
)


@pytest.fixture
def slow_house(tmp_path: Path) -> Iterator[House]:
    """Give a house whose SMTP server takes ten messages a second, over four connections."""
    with standing_house(tmp_path, on_postgres=False, delay_ms=400) as standing:
        yield standing.house


@pytest.fixture
def brisk_house(tmp_path: Path) -> Iterator[House]:
    """Give a house whose SMTP server takes two hundred messages a second."""
    with standing_house(tmp_path, on_postgres=False, delay_ms=20) as standing:
        yield standing.house


def test_a_worker_that_is_told_to_leave_leaves_nothing_uncertain(brisk_house: House) -> None:
    """SIGTERM waits for the open replies, frees what was not handed over, and costs nobody an attempt."""
    house = brisk_house
    add_readers(house, READERS)
    _send_tip(house, SOME)
    (told,) = house.machine.kill(BULK, signal.SIGTERM)
    until(lambda: told not in house.machine.process_ids(BULK), "the bulk worker has left")
    _wait_for_mails(house, READERS // 2)
    house.machine.stop()
    assert house.machine.rows("SELECT state FROM deliveries WHERE state IN ('claimed', 'uncertain')") == []
    house.machine.start()
    house.wait_until_finished(1)
    tally = compare(house, 1)
    assert tally.faults == []
    assert tally.accepted == READERS  # M17, M18
    assert house.machine.rows("SELECT attempts FROM deliveries WHERE attempts <> 1") == []


def test_a_stop_in_mid_send_counts_within_two_seconds(slow_house: House) -> None:
    """Nobody who stopped gets the mail that was already claimed, or still queued, for them."""
    house = slow_house
    add_readers(house, READERS)
    _send_tip(house, 1)
    claimed = until(lambda: _last_of_many(house), "a claim of many")
    queued = house.machine.rows(QUEUED_NEXT)[0]["id"]
    for reader in (claimed, queued):
        assert one_click(_stop_url(house, reader)).status == 200
    until(lambda: _state(house, claimed) == ENDED, "the stop counts", EFFECT_S)  # M51
    until(lambda: _state(house, queued) == ENDED, "the turn of the other has come")
    mailed = {int(line["message_id"].split(".")[1]) for line in house.server.account()}
    assert mailed
    assert not mailed & {claimed, queued}


def _send_tip(house: House, some: int) -> None:
    """Send tip 1 and wait until ``some`` of its mails are out."""
    house.write_tip(1)
    house.publish(1)
    _wait_for_mails(house, some)


def _wait_for_mails(house: House, enough: int) -> None:
    taken = Taken(house)
    until(lambda: taken() >= enough, f"{enough} mails", 60)


def _last_of_many(house: House) -> int:
    """Return the claimed reader whose turn comes last, 0 while there are not so many."""
    found = house.machine.rows(CLAIMED)[0]
    return int(found["last"]) if found["many"] >= SOME else 0


def _stop_url(house: House, reader: int) -> str:
    with house.ports() as ports:
        token = ports.links.token(Purpose.STOP, (reader, house.notice_ids()["tips"]))
        return ports.links.url("stop", token)


def _state(house: House, reader: int) -> tuple[str, str]:
    row = house.machine.rows("SELECT state, reason FROM deliveries WHERE subscriber_id = :id", id=reader)[0]
    return row["state"], row["reason"]
