"""A mail server that refuses everything: paused with the reason, probed, resumed; everybody gets one mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from newsletter_app.ledger import Breaker
from tests.journeys.accounts import compare, status_of
from tests.journeys.house import House, open_house
from tests.journeys.readers import add_readers
from tests.waiting import until

pytestmark = [pytest.mark.journey]
READERS = 120
DOMAINS = ("one.example", "two.example", "three.example", "four.example")
REFUSES = {"": {"rcpt": "550 5.7.26 Unauthenticated mail, <reader-1@one.example>"}}
NOT_ACCEPTED = "SELECT state FROM deliveries WHERE state <> 'accepted'"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def refused_house(tmp_path: Path) -> Iterator[House]:
    """Give a house whose SMTP server refuses every recipient."""
    with ExitStack() as stack:
        yield open_house(stack, tmp_path, REFUSES)


def test_a_server_that_refuses_everything_is_probed_until_it_takes_mail(refused_house: House) -> None:
    house = refused_house
    add_readers(house, READERS, domains=DOMAINS)
    house.write_tip(1)
    house.publish(1)
    until(lambda: house.state_of(1) == "paused", "the breaker pauses the campaign", 60)
    told = status_of(house, 1)
    server = f"127.0.0.1:{house.server.port}"
    assert told["paused_by"] == "breaker"
    assert told["reason"] == f"{server}: 550 5.7.26 Unauthenticated mail, <(address)>"
    assert "set SPF, DKIM and DMARC" in house.machine.flask("campaigns", "status")
    refused = told["states"]["refused"]
    assert 20 <= refused <= 40
    assert told["states"]["queued"] == READERS - refused

    probe(house)
    until(lambda: breaker(house) == ("open", 1), "the probe is refused", 60)
    assert house.state_of(1) == "paused"

    house.server.stop()
    house.server.learn({})
    house.server.start()
    probe(house)
    house.wait_until_finished(1)
    assert breaker(house) is None
    told = status_of(house, 1)
    assert told["states"] == {"accepted": READERS - refused - 1, "refused": refused + 1}

    house.machine.flask("campaigns", "retry", "tip:1", "--refused", "--by", "eve@example.org")
    until(lambda: house.machine.rows(NOT_ACCEPTED) == [], "the others get theirs", 60)
    house.wait_until_finished(1)
    tally = compare(house, 1)
    assert tally.faults == []  # M18, M40
    assert tally.accepted == READERS
    assert house.machine.rows("SELECT * FROM owed") == []
    assert house.server.violations() == []


def probe(house: House) -> None:
    """Have the next probe due now, as if the pause had passed."""
    with house.ports() as ports, ports.unit_of_work() as session:
        session.execute(update(Breaker).values(probe_at=LONG_AGO))


def breaker(house: House) -> tuple[str, int] | None:
    """Return where the server's breaker stands and how many probes failed, or None when all is well."""
    rows = house.machine.rows("SELECT state, probes FROM breakers WHERE kind = 'server'")
    return (rows[0]["state"], rows[0]["probes"]) if rows else None
