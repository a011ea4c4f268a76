"""SendGrid, which signs the time and the octets of a call with its own key for us (ECDSA, P-256).

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event, and "Getting Started with the Event
Webhook Security Features" beside it. ``smtp-id`` is the Message-ID that we gave.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from newsletter_app.feedback import Told
from newsletter_app.web.hooks.asking import (
    MAX_EVENTS,
    Call,
    Refused,
    key_of,
    moment,
    octets_of,
    read_json,
    refuse_stale,
    word,
    words_of,
)

SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"
# It tries again for a day; what is told twice changes nothing.
WINDOW: Final = timedelta(days=1)


def told(call: Call) -> list[Told]:
    """Return the events of a call. Raises Refused: 403 for one that is not signed, or stale."""
    timestamp = call.headers.get(TIMESTAMP, "")
    signed = timestamp.encode("utf-8", "surrogatepass") + call.body
    if not any(_is_signed(key, call.headers.get(SIGNATURE, ""), signed) for key in call.keys):
        raise Refused(403, "The signature is not that of sendgrid= in FEEDBACK_HOOK_KEYS.")
    refuse_stale(moment(timestamp), call.now, WINDOW)
    found = read_json(call.body)
    return [one for event in (found if isinstance(found, list) else [])[:MAX_EVENTS] for one in events(event)]


def events(event: Any) -> list[Told]:
    """Return what one event tells: a bounce, a complaint, or nothing; *dropped* was never tried."""
    kind = word(event, "event")
    if kind not in ("bounce", "spamreport"):
        return []
    return [
        Told(
            key=key_of(event, "sg_event_id"),
            raw=octets_of(event),
            address=word(event, "email"),
            diagnosis=word(event, "reason"),
            status=word(event, "status"),
            is_temporary=word(event, "type") == "blocked",
            complaint="abuse" if kind == "spamreport" else "",
            texts=tuple(words_of(event)),
            message_ids=(word(event, "smtp-id"),),
        )
    ]


def _is_signed(key: str, signature: str, signed: bytes) -> bool:
    try:
        public = load_der_public_key(b64decode(key))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        public.verify(b64decode(signature, validate=True), signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, binascii.Error):
        return False
    return True
