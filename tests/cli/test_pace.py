"""``flask pace``: what is set is listed and recorded, what is none is refused in a sentence."""

from __future__ import annotations

import pytest

from newsletter_app import audit
from tests.cli.conftest import Shell

BY = ("--by", "olga@example.org")
WARM_UP = ("pace", "warm-up", "overall", "--messages", "50", "--growth", "2", "--ceiling", "900")


def test_what_is_set_is_listed(shell: Shell) -> None:
    assert shell.told("pace", "list") == ("Nothing is limited: mail leaves as fast as the server takes it.\n")
    told = shell.told("pace", "set", "overall", "--per-second", "100", *BY)
    assert told == "overall: at most 100 a second from now on.\n"
    shell.told("pace", "set", "server", "mx.example.org:587", "--per-second", "20", *BY)
    shell.told("pace", "set", "domain", "Slow.Example", "--per-second", "0.5", *BY)
    assert shell.told(*WARM_UP, "--from", "2026-02-28", *BY) == "overall: at most 200 messages today.\n"
    assert shell.told("pace", "list").splitlines() == [
        "overall: 100 a second",
        "server mx.example.org:587: 20 a second",
        "domain slow.example: 0.5 a second",
        "overall: 0 of 200 messages handed over today, 2026-03-02"
        " (warm-up: 50 on 2026-02-28, 2 times as many each day, up to 900)",
    ]
    assert shell.data("pace", "list")[2:] == [
        {"what": "rate", "scope": "domain", "name": "slow.example", "per_second": 0.5},
        {
            "what": "warm-up",
            "scope": "overall",
            "name": "",
            "from": "2026-02-28",
            "messages": 50,
            "growth": 2.0,
            "ceiling": 900,
            "today": "2026-03-02",
            "cap": 200,
            "handed_over": 0,
        },
    ]


def test_a_warm_up_begins_today_unless_told_otherwise(shell: Shell) -> None:
    """Today is the organisation's: it is 9 a.m. on March 2 in Edmonton."""
    assert shell.told(*WARM_UP, *BY) == "overall: at most 50 messages today.\n"
    shell.told("organisation", "set", "--time-zone", "Pacific/Kiritimati")
    assert shell.data("pace", "list")[0]["cap"] == 100


def test_what_is_dropped_is_listed_no_more(shell: Shell) -> None:
    shell.told("pace", "set", "overall", "--per-second", "100", *BY)
    shell.told(*WARM_UP, *BY)
    assert shell.told("pace", "drop", "overall", *BY) == "overall: the rate holds no more.\n"
    assert [row["what"] for row in shell.data("pace", "list")] == ["warm-up"]
    told = shell.told("pace", "drop", "overall", "--warm-up", *BY)
    assert told == "overall: the warm-up holds no more.\n"
    assert shell.data("pace", "list") == []


def test_it_is_recorded_by_whom(shell: Shell) -> None:
    shell.told("pace", "set", "server", "MX:25", "--per-second", "2.50", *BY)
    shell.told(*WARM_UP, *BY)
    shell.told("pace", "drop", "server", "mx:25", *BY)
    with shell.look() as session:
        entries = [(entry.actor, entry.action, entry.subject) for entry in audit.newest(session)]
        details = audit.newest(session)[-1].details
    assert entries == [
        ("olga@example.org", "pace.dropped", "pace:server mx:25"),
        ("olga@example.org", "pace.warmed", "pace:overall"),
        ("olga@example.org", "pace.set", "pace:server mx:25"),
    ]
    assert details == {"per_second": "2.50"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["set", "overall", "--per-second", "0"], "0 is no rate: give messages a second from 0.001"),
        (["set", "overall", "--per-second", "much"], "'much' is no number; write it as 100 or 0.5"),
        (["set", "server", "mx", "--per-second", "1"], "'mx' names no server: give a server as host:port"),
        (["set", "domain", "--per-second", "1"], "'' names no domain"),
        (["set", "campaign", "--per-second", "1"], "'campaign' is not one of"),
        (["drop", "domain", "slow.example"], "No such limit is set for domain slow.example."),
        (["drop", "domain", "slow.example", "--warm-up"], "'domain' is none of overall, server."),
        (["warm-up", "overall", "--messages", "9", "--ceiling", "8"], "its ceiling is no lower than"),
        (["warm-up", "overall", "--from", "2026-02-30", "--messages", "9"], "'2026-02-30' does not match"),
    ],
)
def test_refusals_change_nothing(shell: Shell, words: list[str], told: str) -> None:
    assert told in shell.refusal("pace", *words)
    assert shell.data("pace", "list") == []
