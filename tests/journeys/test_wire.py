"""The bulk worker against a server that refuses, breaks off and falls silent, reader by reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from tests.journeys.house import House
from tests.waiting import until

pytestmark = [pytest.mark.journey]
SOON = timedelta(seconds=3)
COUNT = 24
# A server that never answers RCPT would be waited for five minutes; this one hangs up before.
IMPATIENT = {"@server": {"idle_s": 1}}


class Fate(NamedTuple):
    """How a delivery's row stands in the end."""

    state: str
    reply_code: int | None
    reason: str | None = None


USUAL, UNCERTAIN = Fate("accepted", 250), Fate("uncertain", None, "no-reply")
# What befalls the n-th reader, and how the row stands afterwards. "times" lets a second try through: such a
# row went back to queued, with nothing held against its reader.
TROUBLES: dict[int, tuple[dict[str, Any], Fate]] = {
    2: ({"rcpt": "550 5.1.1 no such user"}, Fate("refused", 550, "hard")),
    5: ({"rcpt": "450 4.2.1 try later"}, Fate("deferred", 450)),
    7: ({"rcpt": "421 4.3.2 closing", "times": 1}, USUAL),
    10: ({"dot": "drop-before-reply"}, UNCERTAIN),
    12: ({"dot": "accept-then-drop"}, UNCERTAIN),
    15: ({"data": "drop"}, Fate("deferred", None)),
    17: ({"few-replies": True, "times": 1}, USUAL),
    19: ({"many-replies": True, "times": 1}, USUAL),
    21: ({"dot": "554 5.7.1 not this text"}, Fate("refused", 554, "sender-fault")),
}
OUT_OF_STEP = (17, 19)
NOT_TAKEN = (2, 5, 10, 15, 21)


def test_every_reader_has_their_own_fate(house: House) -> None:
    """Each trouble stays with its own reader; everybody else gets the mail once, from their own sender."""
    house.add_notice("wire")
    # Of one shard, so that their commands stand in the same groups on the wire.
    readers = house.add_readers_of_one_shard(COUNT, "wire")
    house.server.obey({readers[place]: trouble for place, (trouble, _) in TROUBLES.items()} | IMPATIENT)
    number = house.next_tip("wire")
    house.publish(number, datetime.now(UTC).replace(microsecond=0) + SOON)
    house.expect_senders(number)
    until(lambda: _is_settled(house, number), "every row is settled or put off", 60)
    _compare(house, number, readers)


def _is_settled(house: House, number: int) -> bool:
    rows = house.deliveries(number).values()
    return len(rows) == COUNT and not {row["state"] for row in rows} & {"queued", "claimed"}


def _compare(house: House, number: int, readers: list[str]) -> None:
    rows, now = house.deliveries(number), datetime.now(UTC)
    found = {
        place: Fate(rows[address]["state"], rows[address]["reply_code"], rows[address]["reason"])
        for place, address in enumerate(readers)
    }
    assert {place: found[place] for place in TROUBLES} == {  # M14, M17
        place: fate for place, (_, fate) in TROUBLES.items()
    }
    # A reply too few or too many makes those in the same breath doubtful, hence also what they said of the
    # mail before on that connection: one each at most, and the server's account shows that it was taken.
    others = [fate for place, fate in found.items() if place not in TROUBLES]
    assert set(others) <= {USUAL, UNCERTAIN}
    assert others.count(UNCERTAIN) <= len(OUT_OF_STEP)
    put_off = [row for row in rows.values() if row["state"] == "deferred"]
    assert all(datetime.fromisoformat(f"{row['due_at']}+00:00") > now for row in put_off)  # M14
    assert {row["attempts"] for row in put_off} == {1}
    taken = [line["recipient"] for line in house.server.account() if line["recipient"] in readers]
    assert sorted(taken) == sorted(readers[place] for place in range(COUNT) if place not in NOT_TAKEN)
    assert house.server.violations() == []
