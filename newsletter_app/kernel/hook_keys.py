"""What proves each provider that calls a hook, spelt in one text: ``ses=ARN postmark=user:password …``."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final

SES, POSTMARK, SENDGRID, MAILGUN = "ses", "postmark", "sendgrid", "mailgun"
MIN_CHARACTERS: Final = 16
TOPIC: Final = re.compile(r"arn:aws:sns:([a-z]{2}-[a-z-]{3,20}-\d):\d{12}:[A-Za-z0-9_.-]{1,256}", re.ASCII)


class HookKeyFault(ValueError):
    """The text cannot be used; the message completes a sentence that begins with the setting's name."""


def _is_topic(key: str) -> bool:
    return TOPIC.fullmatch(key) is not None


def _is_login(key: str) -> bool:
    user, _, password = key.partition(":")
    return bool(user) and len(password) >= MIN_CHARACTERS


def _is_public_key(key: str) -> bool:
    # A point of P-256 in SubjectPublicKeyInfo is 91 octets (RFC 5480).
    try:
        return len(base64.b64decode(key, validate=True)) == 91
    except binascii.Error:
        return False


def _is_long(key: str) -> bool:
    return len(key) >= MIN_CHARACTERS


_WANTED: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    SES: (_is_topic, "the topic, arn:aws:sns:REGION:ACCOUNT:NAME"),
    POSTMARK: (_is_login, f"USER:PASSWORD with at least {MIN_CHARACTERS} characters after the colon"),
    SENDGRID: (_is_public_key, "the verification key, 124 characters that begin with MFkw"),
    MAILGUN: (_is_long, "the HTTP webhook signing key"),
}
PROVIDERS: Final = tuple(_WANTED)


def read_hook_keys(text: str) -> dict[str, tuple[str, ...]]:
    """Return the keys of each provider named in ``text``; one may have several. Raises HookKeyFault.

    The keys are not told in the fault: some are secrets.
    """
    found: dict[str, tuple[str, ...]] = {}
    for place, word in enumerate(text.split(), start=1):
        provider, _, key = word.partition("=")
        if provider not in _WANTED:
            raise HookKeyFault(
                f"has something else at place {place}: write {', '.join(PROVIDERS)}, = and a key"
            )
        is_well, what = _WANTED[provider]
        if not is_well(key):
            raise HookKeyFault(f"has no key of {provider} at place {place}: after {provider}= give {what}")
        found[provider] = (*found.get(provider, ()), key)
    return found
