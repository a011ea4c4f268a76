"""Amazon SES: what is signed by SNS for our topic has its effect once; all else changes nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from newsletter_app.web.hooks import ses
from newsletter_app.web.hooks.sns import MOST_A_MINUTE
from tests.web.hooks.conftest import CERTIFICATE, SNS, TOPIC, Hooked, message, signed
from tests.web.hooks.samples import FULL, POLICY, SES_DELIVERY, UNKNOWN, ses_bounce, ses_complaint

OTHER = TOPIC.replace("feedback", "other")


@pytest.mark.parametrize(
    ("diagnosis", "status", "kind", "effect"),
    [
        (UNKNOWN, "5.1.1", "Permanent", "suppressed"),
        (UNKNOWN, "5.1.1", "Transient", "counted"),
        (FULL, "5.2.2", "Permanent", "counted"),
        (POLICY, "5.7.1", "Permanent", "noted"),
        ("", "", "Transient", None),
    ],
)
def test_a_bounce_is_judged_by_the_table(
    hooked: Hooked,
    sns_key: rsa.RSAPrivateKey,
    now: datetime,
    diagnosis: str,
    status: str,
    kind: str,
    effect: str,
) -> None:
    """Hard only where the words are, soft where SES says so; told twice, it has its effect once."""  # M40
    local, _ = hooked.mail_to_rose()
    body = signed(message(now, ses_bounce(local, diagnosis, status=status, kind=kind)), sns_key)
    for _ in range(2):
        assert hooked.post("ses", body).status_code == 200
        assert hooked.events() == [("hook:ses", "applied" if effect else "ignored", effect)]
    assert hooked.suppressed() == ([("key-rose", "bounce")] if effect == "suppressed" else [])
    # The certificate is kept.
    assert hooked.sns.asked == [("GET", SNS, CERTIFICATE)]


@pytest.mark.parametrize(
    ("kind", "reason"), [("abuse", ["complaint"]), (None, ["complaint"]), ("not-spam", []), ("virus", [])]
)
def test_a_complaint_ends_everything(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime, kind: str | None, reason: list[str]
) -> None:
    """What is none, since nobody pressed "spam", changes nothing."""  # M43
    local, _ = hooked.mail_to_rose()
    assert hooked.post("ses", signed(message(now, ses_complaint(local, kind)), sns_key)).status_code == 200
    assert [why for _, why in hooked.suppressed()] == reason


def test_the_message_id_will_do_where_it_went_to_that_address(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """Without any mark of ours nobody is touched, and the event is kept."""
    _, message_id = hooked.mail_to_rose()
    for key, mark in enumerate(("", message_id.replace("<s1", "<s2"), message_id)):
        bounce = ses_bounce("strange", message_id=mark)
        bounce["bounce"]["feedbackId"] = str(key)
        assert hooked.post("ses", signed(message(now, bounce), sns_key)).status_code == 200
    bounce["bounce"]["feedbackId"] = "x"
    bounce["bounce"]["bouncedRecipients"][0]["emailAddress"] = "paul@example.ca"
    hooked.post("ses", signed(message(now, bounce), sns_key))
    states = [state for _, state, _ in hooked.events()]
    assert states == ["unproven", "unproven", "applied", "unproven"]


FORGED: list[tuple[dict[str, Any], int]] = [
    ({"TopicArn": OTHER}, 403),
    ({"TopicArn": TOPIC + "\n"}, 403),
    ({"TopicArn": None}, 403),
    ({"SignatureVersion": "1"}, 403),
    ({"SigningCertURL": f"http://{SNS}{CERTIFICATE}"}, 403),
    ({"SigningCertURL": CERTIFICATE}, 403),
    ({"SigningCertURL": f"https://{SNS}.evil.example{CERTIFICATE}"}, 403),
    ({"SigningCertURL": f"https://{SNS}@evil.example{CERTIFICATE}"}, 403),
    ({"SigningCertURL": f"https://sns.us-east-1.amazonaws.com{CERTIFICATE}"}, 403),
    ({"SigningCertURL": f"https://{SNS}/?Action=GetTopic{CERTIFICATE}"}, 403),
    ({"SigningCertURL": f"https://{SNS}/SimpleNotificationService-{'0b' * 16}.pem"}, 503),
    ({"Type": "Other"}, 403),
]


@pytest.mark.parametrize(("change", "status"), FORGED)
def test_what_is_not_for_us_from_sns_is_refused(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime, change: dict[str, Any], status: int
) -> None:
    """Nobody but SNS of the topic's region is asked for a certificate."""  # S16, S32
    local, _ = hooked.mail_to_rose()
    assert (
        hooked.post("ses", signed(message(now, ses_bounce(local), **change), sns_key)).status_code == status
    )
    assert (hooked.events(), hooked.suppressed()) == ([], [])
    assert len(hooked.sns.asked) == (1 if status == 503 or change.get("Type") else 0)


def test_what_was_changed_or_is_stale_is_refused(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """Every signed field counts; what was signed more than an hour ago is too old."""  # S32
    local, _ = hooked.mail_to_rose()
    body = json.loads(signed(message(now, ses_bounce(local)), sns_key))
    for name in ("Message", "MessageId", "Timestamp"):
        assert hooked.post("ses", json.dumps(body | {name: body[name][:-1]})).status_code == 403
    for signature in ("", "=", "AAAA"):
        assert hooked.post("ses", json.dumps(body | {"Signature": signature})).status_code == 403
    assert hooked.post("ses", json.dumps(body | {"Subject": "more"})).status_code == 403
    for hours in (-2, 1):
        other = message(now + timedelta(hours=hours), ses_bounce(local))
        assert hooked.post("ses", signed(other, sns_key)).status_code == 403
    hooked.world.clock.forward(days=2)
    fresh = message(now + timedelta(days=2), ses_bounce(local))
    assert hooked.post("ses", signed(fresh, sns_key)).status_code == 403, "its certificate has ended"
    assert hooked.events() == []


def test_a_certificate_that_is_led_elsewhere_or_is_none_is_not_believed(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """After such an answer nobody can keep us asking; ten seconds later SNS is asked again."""  # S16
    good, answers = hooked.sns.answers[CERTIFICATE], hooked.sns.answers
    answers["/elsewhere"] = good
    local, _ = hooked.mail_to_rose()
    body = signed(message(now, ses_bounce(local)), sns_key)
    for answer in ((302, {"Location": "/elsewhere"}, b""), (200, {}, b"no certificate"), (404, {}, b"")):
        answers[CERTIFICATE] = answer
        assert hooked.post("ses", body).status_code == 503
        asked = len(hooked.sns.asked)
        assert hooked.post("ses", body).status_code == 503
        assert len(hooked.sns.asked) == asked
        hooked.world.clock.forward(seconds=11)
    answers[CERTIFICATE] = good
    assert hooked.post("ses", body).status_code == 200
    assert hooked.suppressed() == [("key-rose", "bounce")]


def test_strangers_keep_nobody_busy_with_certificates(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """A few made-up ones a minute are asked for, and what is kept is not asked for."""  # S16, S32
    local, _ = hooked.mail_to_rose()
    real = signed(message(now, ses_bounce(local)), sns_key)

    def made_up(number: int) -> str:
        address = f"https://{SNS}/SimpleNotificationService-{number:032x}.pem"
        return json.dumps(json.loads(real) | {"SigningCertURL": address})

    assert hooked.post("ses", real).status_code == 200
    told = [hooked.post("ses", made_up(number)).status_code for number in range(MOST_A_MINUTE + 3)]
    assert told == [503] * (MOST_A_MINUTE + 3)
    assert len(hooked.sns.asked) == MOST_A_MINUTE
    assert hooked.post("ses", real).status_code == 200
    hooked.world.clock.forward(seconds=61)
    hooked.sns.answers[CERTIFICATE.replace("0a", "0b")] = hooked.sns.answers[CERTIFICATE]
    renewed = json.loads(real) | {"SigningCertURL": f"https://{SNS}{CERTIFICATE.replace('0a', '0b')}"}
    assert hooked.post("ses", json.dumps(renewed)).status_code == 200
    assert len(hooked.sns.asked) == MOST_A_MINUTE + 1


def test_a_certificate_that_nobody_has_bars_no_other(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """Whoever names one that is not there keeps the real one from nobody."""  # S32
    local, _ = hooked.mail_to_rose()
    real = signed(message(now, ses_bounce(local)), sns_key)
    address = f"https://{SNS}/SimpleNotificationService-{'0c' * 16}.pem"
    assert hooked.post("ses", json.dumps(json.loads(real) | {"SigningCertURL": address})).status_code == 503
    assert hooked.post("ses", real).status_code == 200


def test_a_subscription_is_confirmed_for_a_topic_of_ours_alone(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """The address in the message is not looked at: ours leads to SNS of the region."""  # S16
    confirmation = message(now, "You have chosen", kind="SubscriptionConfirmation")
    assert hooked.post("ses", signed(confirmation | {"TopicArn": OTHER}, sns_key)).status_code == 403
    assert hooked.sns.asked == []
    path = f"/?Action=ConfirmSubscription&TopicArn={TOPIC.replace(':', '%3A')}&Token=2336412f37"
    hooked.sns.answers[path] = (200, {}, b"<ConfirmSubscriptionResponse/>")
    assert hooked.post("ses", signed(confirmation, sns_key)).status_code == 200
    assert hooked.sns.asked[1:] == [("GET", SNS, path)]
    hooked.sns.answers[path] = (400, {}, b"")
    assert hooked.post("ses", signed(confirmation, sns_key)).status_code == 503


@pytest.mark.parametrize(
    "text", [SES_DELIVERY, "Successfully validated SNS topic", "[]", "[" * 90_000, "null"]
)
def test_what_tells_of_nothing_is_taken_and_kept_nowhere(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime, text: Any
) -> None:
    """Deliveries, words for people, and JSON nested beyond reason."""  # M46
    assert hooked.post("ses", signed(message(now, text), sns_key)).status_code == 200
    assert hooked.events() == []


@pytest.mark.parametrize(
    "event",
    [
        {"notificationType": "Bounce"},
        {"notificationType": "Bounce", "bounce": []},
        {"notificationType": "Bounce", "bounce": {"bouncedRecipients": {}}},
        {
            "notificationType": "Bounce",
            "bounce": {"bouncedRecipients": [1, None, {"emailAddress": []}]},
            "mail": 1,
        },
        {
            "notificationType": "Complaint",
            "complaint": {"complainedRecipients": [[]]},
            "mail": {"headers": [1]},
        },
    ],
)
def test_an_event_of_any_form_is_read(event: dict[str, Any]) -> None:
    assert all(one.key and one.raw for one in ses.events(event, "id"))
