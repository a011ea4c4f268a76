"""Mailgun: a token that it signed counts once, whatever is told with it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.web.hooks.conftest import MAILGUN_KEY, Hooked
from tests.web.hooks.samples import mailgun_event

TOKEN = "e0b5477167110d68991efc6b9f89f0a11066af27834600e123"


def post(
    hooked: Hooked, at: datetime, event: Any, *, token: str = TOKEN, key: str = MAILGUN_KEY, **other: Any
) -> TestResponse:
    """Call the hook; ``other`` replaces what was signed by what is sent."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    proof = {"timestamp": timestamp, "token": token, "signature": signature} | other
    return hooked.post("mailgun", json.dumps({"signature": proof, "event-data": event}))


@pytest.mark.parametrize(
    ("event", "other", "effect"),
    [
        ("failed", {}, ["suppressed"]),
        ("failed", {"delivery-status": {"code": 552, "description": "mailbox full"}}, ["counted"]),
        ("failed", {"delivery-status": {"code": 550, "message": "550 5.7.1 policy"}}, ["noted"]),
        ("failed", {"severity": "temporary"}, []),
        ("failed", {"reason": "suppress-bounce", "delivery-status": {"code": 605}}, []),
        ("complained", {"delivery-status": {}}, ["ended"]),
        ("unsubscribed", {}, []),
        ("delivered", {}, []),
    ],
)
def test_an_event_has_its_effect_once(
    hooked: Hooked, now: datetime, event: str, other: dict[str, Any], effect: list[str]
) -> None:
    """The Message-ID is ours; what it did not try is no bounce."""  # M40, M43
    _, message_id = hooked.mail_to_rose()
    for _ in range(2):
        assert post(hooked, now, mailgun_event(message_id, event, **other)).status_code == 200
        assert [effect for _, _, effect in hooked.events()] == effect


def test_the_envelope_sender_will_do(hooked: Hooked, now: datetime) -> None:
    local, _ = hooked.mail_to_rose()
    post(hooked, now, mailgun_event("x@y", envelope={"sender": f"{local}@bounces.example.org"}))
    assert hooked.suppressed() == [("key-rose", "bounce")]


def test_a_token_tells_one_story(hooked: Hooked, now: datetime) -> None:
    """Whoever caught a signature cannot use it for another event."""  # S32
    _, message_id = hooked.mail_to_rose()
    assert post(hooked, now, mailgun_event(message_id, severity="permanent")).status_code == 200
    assert post(hooked, now, mailgun_event(message_id, "complained")).status_code == 200
    assert hooked.suppressed() == [("key-rose", "bounce")]


@pytest.mark.parametrize(
    ("late", "other"),
    [
        (timedelta(0), {"key": "another-key-of-theirs"}),
        (timedelta(0), {"signature": ""}),
        (timedelta(0), {"signature": ["a"]}),
        (timedelta(0), {"timestamp": "1772467171"}),
        (timedelta(hours=9, minutes=1), {}),
        (timedelta(minutes=-6), {}),
    ],
)
def test_what_is_not_signed_or_stale_changes_nothing(
    hooked: Hooked, now: datetime, late: timedelta, other: dict[str, Any]
) -> None:  # S32
    _, message_id = hooked.mail_to_rose()
    assert post(hooked, now - late, mailgun_event(message_id), **other).status_code == 403
    assert hooked.post("mailgun", json.dumps({"event-data": mailgun_event(message_id)})).status_code == 403
    assert hooked.events() == []
