"""What is asked for in mid-campaign counts at once: a worker told to leave, a reader who stops."""

from __future__ import annotations

import signal

import pytest

from newsletter_app.kernel.links import Purpose
from tests.journeys.accounts import Taken, compare
from tests.journeys.conftest import in_trouble
from tests.journeys.house import House
from tests.journeys.machine import BULK
from tests.journeys.outages import Standing
from tests.journeys.reader import one_click
from tests.journeys.readers import add_readers
from tests.waiting import until

pytestmark = [pytest.mark.journey, in_trouble]
MANY = 18  # Ten of them may be under way, two on each connection.
SOME = 10
EFFECT_S = 2.0  # M51 allows minutes.
ENDED = ("skipped", "ended")
CLAIMED = (
    "SELECT max(subscriber_id) AS last, count(*) AS many FROM deliveries"
    " WHERE campaign_id = :id AND state = 'claimed'"
)
QUEUED_NEXT = (
    "SELECT max(subscriber_id) AS id FROM deliveries WHERE campaign_id = :id"
    " AND shard = (SELECT min(shard) FROM deliveries WHERE campaign_id = :id AND state = 'queued')"
)
TRIED_AGAIN = "SELECT attempts FROM deliveries WHERE campaign_id = :id AND attempts <> 1"


def test_a_worker_that_is_told_to_leave_leaves_nothing_uncertain(standing: Standing) -> None:
    """SIGTERM waits for the open replies, frees what was not handed over, and costs nobody an attempt."""
    house, readers = standing.house, 400
    standing.slow_down(40)  # A hundred messages a second.
    house.add_notice("leaving")
    add_readers(house, readers, "leaving")
    number = _send_tip(house, "leaving", SOME)
    (told,) = house.machine.kill(BULK, signal.SIGTERM)
    until(lambda: told not in house.machine.process_ids(BULK), "the bulk worker has left")
    house.wait_until_finished(number)
    tally = compare(house, number)
    assert tally.faults == []
    assert tally.accepted == readers  # M17, M18
    assert house.machine.rows(TRIED_AGAIN, id=house.campaign_id(number)) == []


def test_a_stop_in_mid_send_counts_within_two_seconds(standing: Standing) -> None:
    """Nobody who stopped gets the mail that was already claimed, or still queued, for them."""
    house, readers = standing.house, 400
    # Four messages a second, of two dozen in a shard: the last one's turn is seconds away.
    standing.slow_down(1200)
    house.add_notice("stopping")
    add_readers(house, readers, "stopping")
    number = _send_tip(house, "stopping", 1)
    campaign_id = house.campaign_id(number)
    claimed = until(lambda: _last_of_many(house, campaign_id), "a claim of many")
    queued = house.machine.rows(QUEUED_NEXT, id=campaign_id)[0]["id"]
    for reader in (claimed, queued):
        assert one_click(_stop_url(house, reader)).status == 200
    until(lambda: _state(house, claimed) == ENDED, "the stop counts", EFFECT_S)  # M51
    standing.slow_down(0)
    until(lambda: _state(house, queued) == ENDED, "the turn of the other has come")
    house.wait_until_finished(number)
    named = [line["message_id"].split(".") for line in house.server.account()]
    mailed = {int(reader) for campaign, reader, *_ in named if campaign == f"<c{campaign_id}"}
    assert len(mailed) == readers - 2
    assert not mailed & {claimed, queued}


def _send_tip(house: House, notice: str, some: int) -> int:
    """Send the next tip; return its number once ``some`` of its mails are out."""
    number, taken = house.next_tip(notice), Taken(house)
    before = taken()
    house.publish(number)
    until(lambda: taken() >= before + some, f"{some} mails", 60)
    return number


def _last_of_many(house: House, campaign_id: int) -> int:
    """Return the claimed reader whose turn comes last, 0 while most of the claimed are under way already."""
    found = house.machine.rows(CLAIMED, id=campaign_id)[0]
    return int(found["last"]) if found["many"] >= MANY else 0


def _stop_url(house: House, reader: int) -> str:
    with house.ports() as ports:
        token = ports.links.token(Purpose.STOP, (reader, house.notice_ids()["stopping"]))
        return ports.links.url("stop", token)


def _state(house: House, reader: int) -> tuple[str, str]:
    row = house.machine.rows("SELECT state, reason FROM deliveries WHERE subscriber_id = :id", id=reader)[0]
    return row["state"], row["reason"]
