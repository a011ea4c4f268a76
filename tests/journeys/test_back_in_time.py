"""A database that went back in time under the journals: nothing leaves until a person has looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.accounts import Taken, compare
from tests.journeys.conftest import in_trouble
from tests.journeys.house import House
from tests.journeys.outages import Standing
from tests.journeys.readers import add_readers
from tests.snapshots import copy
from tests.waiting import until

pytestmark = [pytest.mark.journey, in_trouble]
READERS, SOME = 300, 30
NOTICE = "history"
SOON = timedelta(seconds=2)
STATES = (
    "SELECT d.state, count(*) AS many FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id"
    " WHERE c.occurrence IN (:begun, :not_begun) GROUP BY d.state"
)


def test_a_campaign_in_its_middle_and_one_that_had_not_begun(standing: Standing) -> None:
    """The copy knows some mails of the first campaign and none of the second, the journals know them all.

    The machine is stopped in the middle of the second, which leaves nothing uncertain. Reconciling teaches
    the copy what left; the rest is sent, and nobody is mailed twice.
    """
    house = standing.house
    standing.slow_down(40)  # A hundred messages a second.
    house.add_notice(NOTICE)
    add_readers(house, READERS, NOTICE)
    begun, not_begun = house.next_tip(NOTICE), house.next_tip(NOTICE)
    taken = Taken(house)
    before = taken()
    house.publish(begun)
    until(lambda: taken() >= before + SOME, "some mails")
    house.publish(not_begun, datetime.now(UTC).replace(microsecond=0) + SOON)
    older = _copy(house)
    house.wait_until_finished(begun)
    until(lambda: taken() >= before + READERS + SOME, "some mails of the second")
    house.machine.stop()
    sent = _states(house, begun, not_begun)
    assert sent.keys() <= {"accepted", "queued"}  # M17
    assert sent["accepted"] == taken() - before < 2 * READERS
    _put_back(house, older)
    assert (house.state_of(begun), house.state_of(not_begun)) == ("sending", "scheduled")
    learned = sent["accepted"] - _states(house, begun, not_begun)["accepted"]
    assert learned > SOME  # How far the first one was depends on how long a command takes.
    house.machine.start()
    _reconcile(house, learned)
    for number in (begun, not_begun):
        house.wait_until_finished(number)
        tally = compare(house, number)
        assert tally.faults == []  # M18, S33
        assert tally.accepted == READERS
    assert taken() == before + 2 * READERS


def _copy(house: House) -> Path:
    """Copy the database as it is at this moment, whatever runs on it."""
    older = house.machine.folder / "older.sqlite3"
    copy(house.machine.database, older)
    return older


def _put_back(house: House, older: Path) -> None:
    """Put the copy in place of the stopped machine's database."""
    database = house.machine.database
    for more in ("", "-wal", "-shm"):
        database.with_name(database.name + more).unlink(missing_ok=True)
    older.replace(database)


def _reconcile(house: House, learned: int) -> None:
    """See sending locked, and have the journals teach the database so many rows; then unlock."""
    until(lambda: house.machine.rows("SELECT reason FROM sending_locks"), "sending is locked")
    told = house.machine.flask("campaigns", "reconcile", "--by", "olga@example.org")
    assert f"{learned} rows learned" in told
    assert "Sending is locked" in told
    told = house.machine.flask("campaigns", "reconcile", "--unlock", "--by", "olga@example.org")
    assert "Sending is not locked" in told


def _states(house: House, begun: int, not_begun: int) -> dict[str, int]:
    """Return how many deliveries of both campaigns are in which state."""
    rows = house.machine.rows(STATES, begun=f"tip:{begun}", not_begun=f"tip:{not_begun}")
    return {row["state"]: row["many"] for row in rows}
