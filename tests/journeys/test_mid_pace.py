"""What staff and readers ask for in mid-campaign counts within two seconds, however fast mail leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from newsletter_app import campaigns, delivery
from newsletter_app.kernel.links import Purpose
from tests.journeys.accounts import Taken
from tests.journeys.house import House, open_house
from tests.journeys.paces import arrivals, drop_pace, let_pass, set_pace
from tests.journeys.reader import one_click
from tests.journeys.readers import add_readers
from tests.waiting import until

pytestmark = [pytest.mark.journey]
MANY = 4000
EFFECT_S = 2.0  # M51 allows minutes.
SILENCE_S = 1.5
OPEN_ROWS = "SELECT state FROM deliveries WHERE state IN ('queued', 'claimed', 'deferred') LIMIT 5"
QUEUED_SOME = (
    "SELECT subscriber_id AS id FROM deliveries WHERE state = 'queued' AND subscriber_id % 10 = 7"
    " ORDER BY shard, subscriber_id LIMIT 20"
)


@pytest.fixture
def quick_house(tmp_path: Path) -> Iterator[House]:
    """Give a house whose SMTP server takes what it gets, and keeps no mail."""
    with ExitStack() as stack:
        yield open_house(stack, tmp_path, None, ("--keep", ""), bulk=2)


def test_what_is_asked_for_counts_within_two_seconds_at_any_pace(quick_house: House) -> None:
    """Pause, resume, a reader's stop, cancel: at ten messages a second, and at full speed."""
    house = quick_house
    add_readers(house, MANY)
    set_pace(house, "overall", per_second="10")
    _ask_for_everything(house, 1, some=10)
    drop_pace(house, "overall")
    _ask_for_everything(house, 2, some=200)


def _ask_for_everything(house: House, number: int, some: int) -> None:
    house.write_tip(number)
    taken = Taken(house)
    enough = taken() + some
    house.publish(number)
    until(lambda: taken() >= enough, f"{some} mails", 60)
    paused_at = _act(house, number, "pause")
    let_pass(EFFECT_S + SILENCE_S)
    resumed_at = _act(house, number, "resume")
    until(lambda: arrivals(house, number)[-1].at > resumed_at, "it goes on", EFFECT_S)  # M51
    stopped_at = _stop_some(house)
    cancelled_at = _act(house, number, "cancel")
    let_pass(EFFECT_S + SILENCE_S)
    mails = arrivals(house, number)
    assert [mail for mail in mails if paused_at + EFFECT_S < mail.at < resumed_at] == []  # M51
    assert [mail for mail in mails if mail.at > cancelled_at + EFFECT_S] == []  # M51
    late = [mail for mail in mails if mail.at > stopped_at.get(mail.reader, mail.at) + EFFECT_S]
    assert late == []  # M51
    assert len(mails) < MANY
    assert not house.machine.rows(OPEN_ROWS)


def _act(house: House, number: int, what: str) -> float:
    """Have staff pause, resume or cancel a tip's campaign; return when that was committed."""
    with house.ports(ringing=True) as ports:
        with ports.unit_of_work() as session:
            campaign = campaigns.find_by_occurrence(session, f"tip:{number}")
            assert campaign is not None
            now = ports.clock()
            getattr(campaigns, what)(session, campaign, "olga@example.org", now)
            if what == "cancel":
                delivery.drop_cancelled(session, campaign, now)
        return time.time()


def _stop_some(house: House) -> dict[int, float]:
    """Have readers whose turn has not come stop; return when each did."""
    stopped_at = {}
    for row in house.machine.rows(QUEUED_SOME):
        assert one_click(_stop_url(house, row["id"])).status == 200
        stopped_at[row["id"]] = time.time()
    assert stopped_at
    return stopped_at


def _stop_url(house: House, reader: int) -> str:
    with house.ports() as ports:
        token = ports.links.token(Purpose.STOP, (reader, house.notice_ids()["tips"]))
        return ports.links.url("stop", token)
