"""The signed token in a public form: who asked for the form, when, and what words it showed (S4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from itsdangerous import BadSignature, URLSafeSerializer

MINIMUM_FILL: Final = timedelta(seconds=2)
LIFE: Final = timedelta(hours=24)
SALT: Final = "public-form"

Verdict = Literal["fresh", "missing", "old", "quick", "changed"]


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a form said of itself when it was shown."""

    shown_at: int
    words: str
    notice_ids: tuple[int, ...]


def issue(
    secret: str, words: str, notice_ids: Sequence[int], now: datetime, first: FormToken | None = None
) -> str:
    """Return the token for a form that shows ``words`` and these notices, in this order.

    ``first`` is the token of the form that is shown again: whoever mends one field has been here all along.
    """
    age = now.timestamp() - first.shown_at if first else 0
    shown_at = first.shown_at if first and age <= LIFE.total_seconds() else int(now.timestamp())
    payload = [shown_at, _digest(words), list(notice_ids)]
    return str(URLSafeSerializer(secret, salt=SALT).dumps(payload))


def read(secret: str, text: str) -> FormToken | None:
    """Return the token, or None when it is missing or was not signed here."""
    try:
        shown_at, words, notice_ids = URLSafeSerializer(secret, salt=SALT).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return FormToken(shown_at, words, tuple(notice_ids))


def judge(token: FormToken | None, words: str, now: datetime) -> Verdict:
    """Return whether the form may be taken, or why it is shown once more.

    ``changed``: the words are no longer those the reader saw, so they would not be the evidence.
    """
    if token is None:
        return "missing"
    age = now - datetime.fromtimestamp(token.shown_at, now.tzinfo)
    if age > LIFE:
        return "old"
    if age < MINIMUM_FILL:
        return "quick"
    return "fresh" if token.words == _digest(words) else "changed"


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:24]
