"""What a person reads when a server or a domain refuses our mail: which, since when, why, what to do."""

from __future__ import annotations

from datetime import datetime

import pytest

from newsletter_app.cli.breaker_words import OTHERWISE, REPLIES, TROUBLES, advice
from newsletter_app.ledger.breaker_rules import Kind
from newsletter_app.ledger.breakers import Why, close_breakers, open_breakers, trip
from newsletter_app.mail.opening import Trouble
from newsletter_app.mail.replies import Reply
from tests.cli.conftest import Shell

POLICY = Reply(550, "5.7.26", "This mail is unauthenticated")


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_says_what_to_do(trouble: Trouble) -> None:
    assert advice(trouble.value, "5.7.26") == TROUBLES[trouble.value]


@pytest.mark.parametrize(
    ("enhanced", "key"),
    [
        ("5.7.26", "7.26"),  # M41
        ("4.7.28", "7.28"),
        ("5.7.515", "7.515"),
        ("5.7.1", "7."),
        ("5.7.509", "7."),
        ("5.1.8", "1.8"),
        ("5.3.4", "3.4"),
    ],
)
def test_a_reply_says_what_to_do(enhanced: str, key: str) -> None:
    assert advice(None, enhanced) == REPLIES[key]


@pytest.mark.parametrize("enhanced", [None, "", "5.1.1", "4.3.2"])
def test_what_nobody_knows_is_for_its_operator(enhanced: str | None) -> None:
    assert advice(None, enhanced) == OTHERWISE


def test_status_tells_what_is_out(shell: Shell, now: datetime) -> None:
    """A line for a person, the same as data; nothing of it once it is closed."""
    with shell.look() as session:
        trip(session, Kind.server, "mail.example:587", Why("login-refused", Reply(535, "5.7.8", "No")), now)
        trip(session, Kind.domain, "strict.example", Why(None, POLICY), now)
    told = shell.told("campaigns", "status")
    assert "server mail.example:587: takes no mail since Monday, March 2, 2026, 9 a.m." in told
    assert "login-refused: 535 5.7.8 No — correct user and password in SMTP_URL; tried again Monday" in told
    assert "domain strict.example: refuses us; its readers' mail waits since" in told
    rows = shell.data("campaigns", "status")["breakers"]
    assert [(row["kind"], row["name"], row["state"]) for row in rows] == [
        ("server", "mail.example:587", "open"),
        ("domain", "strict.example", "open"),
    ]
    with shell.look() as session:
        for kind in Kind:
            close_breakers(session, kind)
        assert open_breakers(session) == []
    assert "breakers" not in shell.data("campaigns", "status")
