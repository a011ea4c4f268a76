"""SMTP_URL read into servers: security by default, several with weights, and faults without passwords."""

from __future__ import annotations

from decimal import Decimal

import pytest

from newsletter_app.mail.opening import SmtpServer
from newsletter_app.mail.smtp_url import SmtpUrlFault, read_smtp_urls


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", []),
        ("outbox:", []),
        ("smtp://mail.nerves.ca", [SmtpServer("mail.nerves.ca", 25, "starttls-required")]),  # M20
        (
            "smtp://mail.nerves.ca?starttls=opportunistic",
            [SmtpServer("mail.nerves.ca", 25, "starttls-opportunistic")],
        ),
        ("smtp://mail.nerves.ca:2525?starttls=off", [SmtpServer("mail.nerves.ca", 2525, "none")]),
        ("smtp://127.0.0.1:1025", [SmtpServer("127.0.0.1", 1025, "none")]),
        ("smtp://[::1]:1025", [SmtpServer("::1", 1025, "none")]),
        (
            "smtp://u:p%40%3A%2F@mail.nerves.ca",
            [SmtpServer("mail.nerves.ca", 587, "starttls-required", "u", "p@:/")],
        ),
        ("smtps://u:p@mail.nerves.ca", [SmtpServer("mail.nerves.ca", 465, "implicit", "u", "p")]),
        (
            "smtp://a.nerves.ca?weight=3  smtps://b.nerves.ca?weight=1",
            [
                SmtpServer("a.nerves.ca", 25, "starttls-required", weight=3),
                SmtpServer("b.nerves.ca", 465, "implicit", weight=1),
            ],
        ),
        (
            "smtp://127.0.0.1?connections=1&weight=2",
            [SmtpServer("127.0.0.1", 25, "none", weight=2, connections=1)],
        ),
        ("smtp://127.0.0.1?rate=0.5", [SmtpServer("127.0.0.1", 25, "none", rate=Decimal("0.5"))]),
        ("smtp://127.0.0.1?connections=100", [SmtpServer("127.0.0.1", 25, "none", connections=100)]),
    ],
)
def test_servers_are_read(text: str, servers: list[SmtpServer]) -> None:
    assert read_smtp_urls(text) == tuple(servers)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("outbox: smtp://mail.nerves.ca", "names outbox: beside mail servers"),
        ("mail.nerves.ca:25", "must begin with smtp://"),
        ("http://u:hidden@mail.nerves.ca", "must begin with smtp://"),
        ("smtp://", "must begin with smtp:// or smtps:// and a host"),
        ("smtp://u:hidden@mail.nerves.ca:port", "cannot be read (address 1)"),
        ("smtp://u:hidden@mail.nerves.ca?starttls", "cannot be read (address 1)"),
        ("smtp://[::1", "cannot be read (address 1)"),
        ("smtp://mail.nerves.ca/path", "knows only ?starttls=, weight=, connections=, rate="),
        ("smtp://mail.nerves.ca?tls=yes", "knows only ?starttls=, weight=, connections=, rate="),
        ("smtp://mail.nerves.ca?starttls=maybe", "knows starttls=required, opportunistic and off"),
        ("smtps://mail.nerves.ca?starttls=off", "has both smtps:// and ?starttls="),
        ("smtp://u:hidden@mail.nerves.ca?starttls=off", "would send a password that anybody may read"),  # M20
        (
            "smtp://u:hidden@mail.nerves.ca?starttls=opportunistic",
            "would send a password that anybody may read",
        ),
        ("smtp://a.nerves.ca smtp://b.nerves.ca?weight=0", "needs weight from 1 to 100 (address 2)"),
        ("smtp://a.nerves.ca?rate=0", "needs rate as messages per second"),
        ("smtp://a.nerves.ca?rate=-1", "needs rate as messages per second"),
        ("smtp://a.nerves.ca?rate=1e3", "needs rate as messages per second"),
        ("smtp://a.nerves.ca?rate=many", "needs rate as messages per second"),
        ("smtp://a.nerves.ca smtp://u:hidden@a.nerves.ca:25", "names a server twice"),
        ("smtp://a.nerves.ca?connections=0", "needs connections from 1 to 100 (address 1)"),
        ("smtp://a.nerves.ca?connections=101", "needs connections from 1 to 100 (address 1)"),
        ("smtp://a.nerves.ca?connections=many", "needs connections from 1 to 100 (address 1)"),
    ],
)
def test_what_cannot_be_used_is_told_without_its_password(text: str, words: str) -> None:
    with pytest.raises(SmtpUrlFault) as refusal:
        read_smtp_urls(text)
    assert words in str(refusal.value)
    assert "hidden" not in str(refusal.value)
