"""``flask doctor``: the whole examination at the terminal."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

from newsletter_app import ledger
from newsletter_app.adapters.sender_check import sender_of
from newsletter_app.authentication import Word, last_word
from tests.authentication.published import BOUNCE, DMARC
from tests.cli.conftest import Shell
from tests.cli.outside import Outside, outside, stamp

__all__ = ["outside"]


def rows(shell: Shell) -> dict[str, dict[str, Any]]:
    """Return code → row of what doctor says as JSON."""
    done = shell.run("doctor", "--json")
    found = json.loads(done.output)
    assert done.exit_code == (1 if any(row["level"] == "fault" for row in found) else 0)
    return {row["code"]: row for row in found}


def test_a_tryout_asks_no_name_server(shell: Shell) -> None:
    stamp(shell)
    told = rows(shell)
    assert {"outbox", "dns-not-asked", "schema-ok", "organisation-ok", "keys-ok", "clock-ok"} <= set(told)
    assert {row["level"] for row in told.values()} <= {"ok", "warning"}


def test_what_was_found_and_what_to_do_stand_in_lines(shell: Shell) -> None:
    done = shell.run("doctor")
    assert done.exit_code == 1
    assert "FAULT    The database is at revision none" in done.output
    assert "         Do: flask prepare.\n" in done.output
    assert done.output.splitlines()[-1].startswith("faults: 1, warnings: ")


def test_the_dns_of_a_sender_is_looked_at_and_kept(outside: Outside) -> None:  # M35
    outside.dns[DMARC] = None
    shell = outside.shell
    told = rows(shell)
    assert told["dmarc-missing"]["level"] == "fault"
    assert told["dmarc-missing"]["looked_at"] == DMARC
    assert "flask doctor records" in told["dmarc-missing"]["to_do"]
    assert {told[code]["level"] for code in ("spf-ok", "dkim-ok", "mx-ok")} == {"ok"}
    with shell.look() as session:
        assert last_word(session, sender_of(shell.ports.settings)) is Word.stay


def test_a_launch_hears_that_all_is_well(outside: Outside) -> None:
    shell = outside.shell
    rows(shell)
    with shell.look() as session:
        assert last_word(session, sender_of(shell.ports.settings)) is Word.go


def test_a_name_server_that_is_silent_is_no_fault(outside: Outside) -> None:  # M35
    outside.dns.update({DMARC: "timed-out", BOUNCE: "servfail"})
    told = rows(outside.shell)
    assert told["dmarc-unasked"]["level"] == "unasked"
    assert "no answer in time" in told["dmarc-unasked"]["found"]
    assert "dmarc-missing" not in told


def test_mail_servers_are_visited(outside: Outside) -> None:  # M20
    told = rows(outside.shell)
    assert told["smtp-trouble"]["level"] == "fault"
    assert "see whether it runs" in told["smtp-trouble"]["to_do"]


def test_what_stops_the_engine_is_told(shell: Shell) -> None:
    stamp(shell)
    with shell.look() as session:
        now = shell.ports.clock()
        ledger.lock_sending(session, "restored", "from a backup", now)
        ledger.beat(session, "bulk_tick", now)
        session.execute(text("DELETE FROM organisation_sides"))
    told = rows(shell)
    assert told["sending-locked"]["level"] == "fault"
    assert told["broker-silent"]["level"] == "fault", "a tick has come, so there was a broker"
    assert "postal address" in told["organisation-lacks"]["found"]  # L7


def test_keys_of_another_installation_are_told(shell: Shell) -> None:
    stamp(shell)
    with shell.look() as session:
        others = dict.fromkeys(shell.ports.settings.key_fingerprints, "0" * 32)
        assert ledger.check_keys(session, others, shell.ports.clock()) == ()
    told = rows(shell)
    assert "HASH_KEY is not the key" in json.dumps(list(told.values())) or "LINK_KEYS lacks" in json.dumps(
        told
    )
    assert told["keys-foreign"]["level"] == "fault"
