"""A mail that Postfix took and could not deliver: its bounce comes back by SMTP, and finds its delivery."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.smtp_server import SmtpServerProcess
from tests.journeys.doubter import doubter
from tests.journeys.house import Organised, run
from tests.journeys.machine import Machine, free_port
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.postfix, pytest.mark.opendmarc]
DOMAIN, BOUNCES = "example.org", "bounce.example.org"
LEO = "leo@gone.example"


def published(machine: Machine) -> dict[str, dict[str, list[str]]]:
    """Return the DNS of an operator who has published what doctor says, and asks to refuse forgeries."""
    records: dict[str, dict[str, list[str]]] = {}
    for record in json.loads(machine.flask("doctor", "records", "--json")):
        value = record["value"].replace("p=none", "p=reject")
        records.setdefault(record["name"], {}).setdefault(record["type"], []).append(value)
    return records


def transport_maps(routes: Mapping[str, int]) -> str:
    """Return the line of main.cf that sends mail for a domain to a port of this machine."""
    lines = ", ".join(f"{{{{ {domain} = smtp:[127.0.0.1]:{port} }}}}" for domain, port in routes.items())
    return f"transport_maps = inline:{{{{ {lines} }}}}"


def bounced(house: Organised, number: int) -> list[dict[str, Any]]:
    return [row for row in house.deliveries(number).values() if row["feedback"] == "bounced"]


def test_a_bounce_finds_its_delivery(tmp_path: Path) -> None:  # M24, M39, M42
    """Taken by a server that believes nobody, so signed as published; the other reader is not touched."""
    with ExitStack() as stack:
        listening = free_port()
        machine = Machine(
            tmp_path,
            MAIL_FROM=f"tips@{DOMAIN}",
            BOUNCE_DOMAIN=BOUNCES,
            EHLO_NAME="mail.example.org",
            BOUNCE_LISTEN=f"127.0.0.1:{listening}",
            SMTP_URL="smtp://127.0.0.1:25?starttls=off",  # Until the server is there.
        )
        machine.flask("prepare")
        machine.flask("dkim", "new", "--selector", "r1")
        machine.flask("dkim", "use", "r1")
        # Where Postfix hands the mail on to, nobody knows Leo.
        gone = stack.enter_context(SmtpServerProcess(tmp_path, {LEO: {"rcpt": "550 5.1.1 No such user"}}))
        routes = {LEO.partition("@")[2]: gone.port, BOUNCES: listening}
        server = stack.enter_context(doubter(published(machine), transport_maps(routes)))
        machine.environment["SMTP_URL"] = f"smtp://127.0.0.1:{server.port}?starttls=off"
        house = Organised(machine)
        run(stack, house)
        house.add_reader("rose@example.ca")
        house.add_reader(LEO)
        house.write_tip(1)
        house.publish(1)
        house.wait_until_finished(1)
        assert {row["state"] for row in house.deliveries(1).values()} == {"accepted"}
        (row,) = until(lambda: bounced(house, 1), f"the bounce came back: {server.log()}")
        assert row["address"] == LEO
        (event,) = machine.rows("SELECT shape, kind, reason, effect, subscriber_id FROM feedback_events")
        assert event == {
            "shape": "report",
            "kind": "hard",
            "reason": "user-unknown",
            "effect": "suppressed",
            "subscriber_id": row["subscriber_id"],
        }
        assert [row["reason"] for row in machine.rows("SELECT reason FROM suppressions")] == ["bounce"]
