"""What proves a provider, as an operator spells it; a fault never tells a secret."""

from __future__ import annotations

import base64

import pytest

from newsletter_app.kernel.hook_keys import HookKeyFault, read_hook_keys

TOPIC = "arn:aws:sns:ca-central-1:123456789012:feedback"
POINT = base64.b64encode(b"\x30" + bytes(90)).decode()


def test_each_provider_has_its_keys() -> None:
    text = (
        f"ses={TOPIC} postmark=us:0123456789abcdef\nses={TOPIC}-2  sendgrid={POINT} mailgun=0123456789abcdef"
    )
    assert read_hook_keys("") == {}
    assert read_hook_keys(text) == {
        "ses": (TOPIC, f"{TOPIC}-2"),
        "postmark": ("us:0123456789abcdef",),
        "sendgrid": (POINT,),
        "mailgun": ("0123456789abcdef",),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mandrill=0123456789abcdef", "something else at place 1"),
        ("hush-hush-hush-hush", "something else at place 1"),
        (f"ses={TOPIC} ses=arn:aws:sqs:ca-central-1:123456789012:hush", "no key of ses at place 2"),
        ("postmark=hush-hush-hush-hush", "no key of postmark at place 1"),
        ("postmark=us:hush", "no key of postmark at place 1"),
        ("sendgrid=hush", "no key of sendgrid at place 1"),
        ("mailgun=hush", "no key of mailgun at place 1"),
    ],
)
def test_what_is_no_key_is_told_by_its_place(text: str, told: str) -> None:  # S28, S30
    with pytest.raises(HookKeyFault, match=told) as refused:
        read_hook_keys(text)
    assert "hush" not in str(refused.value)
