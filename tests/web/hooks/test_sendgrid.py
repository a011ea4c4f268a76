"""SendGrid: what it signed for us, many events at once, each with its effect once."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.test import TestResponse

from newsletter_app.adapters.fetching import Fetcher
from newsletter_app.web.hooks import sendgrid
from newsletter_app.web.hooks.asking import Call, Refused
from tests.web.hooks.conftest import Hooked
from tests.web.hooks.samples import sendgrid_event


def post(
    hooked: Hooked, key: ec.EllipticCurvePrivateKey, at: datetime, told: Any, **other: str
) -> TestResponse:
    """Call the hook; ``other`` replaces what was signed by what is sent."""
    body, timestamp = json.dumps(told), str(int(at.timestamp()))
    signature = b64encode(key.sign((timestamp + body).encode(), ec.ECDSA(hashes.SHA256()))).decode()
    headers = {
        "X_Twilio_Email_Event_Webhook_Signature": other.get("signature", signature),
        "X_Twilio_Email_Event_Webhook_Timestamp": other.get("timestamp", timestamp),
    }
    return hooked.post("sendgrid", other.get("body", body), **headers)


def test_each_event_has_its_effect_once(
    hooked: Hooked, sendgrid_key: ec.EllipticCurvePrivateKey, now: datetime
) -> None:
    """The Message-ID is ours; blocked is soft, dropped was never tried."""  # M40, M43
    _, message_id = hooked.mail_to_rose()
    told = [
        sendgrid_event(message_id),
        sendgrid_event(message_id, type="blocked", sg_event_id="2"),
        sendgrid_event(message_id, status="5.7.1", reason="550 5.7.1 refused by policy", sg_event_id="3"),
        *(sendgrid_event(message_id, event) for event in ("dropped", "deferred", "delivered", "open")),
        sendgrid_event(message_id, "spamreport"),
        sendgrid_event("<14c5d75ce93.dfd.64b469@ismtpd-555>", sg_event_id="4"),
    ]
    for _ in range(2):
        assert post(hooked, sendgrid_key, now, told).status_code == 200
        effects = [effect for _, _, effect in hooked.events()]
        assert effects == ["suppressed", "counted", "noted", "ended", None]
    assert hooked.events()[-1] == ("hook:sendgrid", "unproven", None)


@pytest.mark.parametrize(
    ("late", "other"),
    [
        (timedelta(0), {"body": "[]"}),
        (timedelta(0), {"timestamp": "1772467171"}),
        (timedelta(0), {"timestamp": ""}),
        (timedelta(0), {"signature": ""}),
        (timedelta(0), {"signature": "MEUCIQ=="}),
        (timedelta(0), {"signature": "é"}),
        (timedelta(days=1, minutes=1), {}),
        (timedelta(minutes=-6), {}),
    ],
)
def test_what_is_not_signed_or_stale_changes_nothing(
    hooked: Hooked,
    sendgrid_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    late: timedelta,
    other: dict[str, str],
) -> None:  # S32
    _, message_id = hooked.mail_to_rose()
    refused = post(hooked, sendgrid_key, now - late, [sendgrid_event(message_id)], **other)
    assert (refused.status_code, hooked.events()) == (403, [])


def test_another_key_is_not_believed(hooked: Hooked, now: datetime) -> None:  # S32
    key = ec.generate_private_key(ec.SECP256R1())
    assert post(hooked, key, now, [sendgrid_event("<x@y>")]).status_code == 403


def test_sendgrids_own_example_is_believed() -> None:
    """Key, time, octets and signature that its own library is tested with (sendgrid-nodejs, eventwebhook)."""
    key = (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcw"
        "HBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=="
    )
    signature = (
        "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0="
    )
    body = b'{"category":"example_payload","event":"test_event","message_id":"message_id"}'
    headers = {sendgrid.SIGNATURE: signature, sendgrid.TIMESTAMP: "1588788367"}
    now = datetime(2020, 5, 6, 18, 6, 8, tzinfo=UTC)
    assert sendgrid.told(Call(body, headers, (key,), now, Fetcher())) == []
    with pytest.raises(Refused, match="not that of sendgrid="):
        sendgrid.told(Call(body + b" ", headers, (key,), now, Fetcher()))
