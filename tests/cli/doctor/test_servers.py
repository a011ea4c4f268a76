"""What a visit to a mail server showed, judged."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter_app.cli.doctor.servers import judge_visit
from newsletter_app.cli.doctor.words import found, to_do
from newsletter_app.mail.opening import SmtpServer, Trouble
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.visiting import Visit

REMOTE = SmtpServer("smtp.provider.example", 587, "starttls-required", "me", "word")
LOCAL = SmtpServer("127.0.0.1", 25, "none")


@pytest.mark.parametrize(
    ("server", "tls", "days", "code"),
    [
        (REMOTE, "TLSv1.3", 15, "smtp-ok"),
        (REMOTE, "TLSv1.3", 13, "certificate-ends"),
        (REMOTE, "", None, "smtp-plain"),
        (LOCAL, "", None, "smtp-local"),
        (LOCAL, "TLSv1.2", 300, "smtp-ok"),
    ],
)
def test_what_a_visit_showed(
    server: SmtpServer, tls: str, days: int | None, code: str, now: datetime
) -> None:  # M20
    until = now + timedelta(days=days) if days is not None else None
    [told] = judge_visit(server, Visit(tls=tls, certificate_until=until), now)
    assert told.code == code


def test_trouble_is_told_with_what_the_server_said_and_what_to_do(now: datetime) -> None:
    seen = Visit(Trouble.login_refused, Reply(535, "5.7.8", "Authentication failed"))
    [told] = judge_visit(REMOTE, seen, now)
    assert found(told) == "smtp.provider.example:587 takes no mail (login-refused: 535 Authentication failed)"
    assert to_do(told) == "correct user and password in SMTP_URL"


def test_a_certificate_that_is_not_believed_says_why(now: datetime) -> None:
    [told] = judge_visit(REMOTE, Visit(Trouble.tls_failed, why="certificate has expired"), now)
    assert "tls-failed: certificate has expired" in found(told)
