"""Postmark: who logs in is heard; whose it is stands in the bounce that it passes on."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from tests.feedback.letters import complaint
from tests.web.hooks.conftest import LOGIN, Hooked
from tests.web.hooks.samples import (
    FULL,
    POLICY,
    UNKNOWN,
    postmark_bounce,
    postmark_change,
    postmark_complaint,
)

IN = f"Basic {b64encode(LOGIN.encode()).decode()}"


@pytest.mark.parametrize(
    ("kind", "details", "effect"),
    [
        ("HardBounce", UNKNOWN, ["suppressed"]),
        ("SoftBounce", UNKNOWN, ["counted"]),
        ("HardBounce", FULL, ["counted"]),
        ("SpamNotification", POLICY, ["noted"]),
        ("HardBounce", "", [None]),
        ("AutoResponder", UNKNOWN, []),
        ("Transient", UNKNOWN, []),
        ("ManuallyDeactivated", UNKNOWN, []),
    ],
)
def test_a_bounce_is_judged_by_the_table(hooked: Hooked, kind: str, details: str, effect: list[str]) -> None:
    """What it calls passing is soft; told twice, it has its effect once."""  # M40
    local, _ = hooked.mail_to_rose()
    content = f"From: MAILER-DAEMON@example.ca\r\n\r\nReturn-Path: <{local}@bounces.example.org>\r\n"
    body = json.dumps(postmark_bounce(content, kind=kind, details=details))
    for _ in range(2):
        assert hooked.post("postmark", body, Authorization=IN).status_code == 200
        assert [effect for _, _, effect in hooked.events()] == effect


def test_a_newsletter_is_known_by_its_metadata(hooked: Hooked) -> None:
    """The field that it bears comes back with bounces and with complaints of broadcasts."""  # M24, M43
    local, _ = hooked.mail_to_rose()
    metadata = {"Metadata": {"mail": local}}
    assert (
        hooked.post("postmark", json.dumps(postmark_bounce() | metadata), Authorization=IN).status_code == 200
    )
    told = postmark_change(local) | metadata
    assert hooked.post("postmark", json.dumps(told), Authorization=IN).status_code == 200
    assert hooked.events() == [("hook:postmark", "applied", effect) for effect in ("suppressed", "ended")]


def test_without_the_bounce_itself_nobody_is_touched(hooked: Hooked) -> None:
    """Its own ids say nothing of our mails."""
    assert hooked.post("postmark", json.dumps(postmark_bounce()), Authorization=IN).status_code == 200
    assert hooked.events() == [("hook:postmark", "unproven", None)]


def test_a_complaint_ends_everything(hooked: Hooked) -> None:
    """The report that it passes on names the mail; of broadcasts it tells in another form."""  # M43
    local, _ = hooked.mail_to_rose()
    change = postmark_change(local)
    for body in (
        postmark_complaint(complaint(local=local)),
        change,
        change | {"SuppressionReason": "HardBounce", "MessageID": "2"},
    ):
        assert hooked.post("postmark", json.dumps(body), Authorization=IN).status_code == 200
    assert hooked.events() == [("hook:postmark", "applied", "ended")] * 2
    assert hooked.suppressed() == [("key-rose", "complaint")]


@pytest.mark.parametrize(
    "login",
    ["", "Basic", IN[:-4], IN.replace("Basic", "Bearer"), "Basic " + b64encode(b"postmark:").decode()],
)
def test_who_does_not_log_in_is_not_heard(hooked: Hooked, login: str) -> None:
    """It is asked to, as HTTP has it (RFC 7235 3.1)."""  # S32
    refused = hooked.post("postmark", json.dumps(postmark_bounce()), Authorization=login)
    assert (refused.status_code, hooked.events()) == (401, [])
    assert refused.headers["WWW-Authenticate"].startswith("Basic realm=")
