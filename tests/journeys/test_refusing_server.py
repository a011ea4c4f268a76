"""A mail server that refuses everything: paused with the reason, probed, resumed; everybody gets one mail."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from newsletter_app.ledger import Breaker
from tests.journeys.accounts import compare
from tests.journeys.conftest import in_trouble
from tests.journeys.house import House
from tests.journeys.readers import add_readers
from tests.waiting import until

pytestmark = [pytest.mark.journey, in_trouble]
READERS = 120
NOTICE = "refused"
DOMAINS = ("one.example", "two.example", "three.example", "four.example")
REFUSES = {"": {"rcpt": "550 5.7.26 Unauthenticated mail, <reader-1@one.example>"}}
NOT_ACCEPTED = "SELECT state FROM deliveries WHERE campaign_id = :id AND state <> 'accepted'"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_server_that_refuses_everything_is_probed_until_it_takes_mail(house: House) -> None:
    house.add_notice(NOTICE)
    add_readers(house, READERS, NOTICE, domains=DOMAINS)
    house.server.obey(REFUSES)
    number = house.next_tip(NOTICE)
    house.publish(number)
    until(lambda: house.state_of(number) == "paused", "the breaker pauses the campaign", 60)
    told = status_of(house, number)
    server = f"127.0.0.1:{house.server.port}"
    assert told["paused_by"] == "breaker"
    assert told["reason"] == f"{server}: 550 5.7.26 Unauthenticated mail, <(address)>"
    assert "set SPF, DKIM and DMARC" in house.machine.flask("campaigns", "status")
    refused = told["states"]["refused"]
    assert 20 <= refused <= 40
    assert told["states"]["queued"] == READERS - refused

    probe(house)
    until(lambda: breaker(house) == ("open", 1), "the probe is refused", 60)
    assert house.state_of(number) == "paused"

    house.server.obey({})
    probe(house)
    house.wait_until_finished(number)
    assert breaker(house) is None
    told = status_of(house, number)
    assert told["states"] == {"accepted": READERS - refused - 1, "refused": refused + 1}

    house.machine.flask("campaigns", "retry", f"tip:{number}", "--refused", "--by", "eve@example.org")
    id_ = house.campaign_id(number)
    until(lambda: house.machine.rows(NOT_ACCEPTED, id=id_) == [], "the others get theirs", 60)
    house.wait_until_finished(number)
    tally = compare(house, number)
    assert tally.faults == []  # M18, M40
    assert tally.accepted == READERS
    assert house.machine.rows("SELECT * FROM owed") == []
    assert house.server.violations() == []


def status_of(house: House, number: int) -> dict[str, Any]:
    """Return what ``flask campaigns status`` tells of a tip's campaign."""
    printed = house.machine.flask("campaigns", "status", f"tip:{number}", "--json")
    # What stands behind the JSON is the error stream's.
    told, _ = json.JSONDecoder().raw_decode(printed[printed.index("{") :])
    facts: dict[str, Any] = told[f"tip:{number}"]
    return facts


def probe(house: House) -> None:
    """Have the next probe due now, as if the pause had passed."""
    with house.ports() as ports, ports.unit_of_work() as session:
        session.execute(update(Breaker).values(probe_at=LONG_AGO))


def breaker(house: House) -> tuple[str, int] | None:
    """Return where the server's breaker stands and how many probes failed, or None when all is well."""
    rows = house.machine.rows("SELECT state, probes FROM breakers WHERE kind = 'server'")
    return (rows[0]["state"], rows[0]["probes"]) if rows else None
