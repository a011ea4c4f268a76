"""Mailgun, which signs a time and a token, but not what it tells: a token counts once.

https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks and …/webhook-payloads.
It keeps the Message-ID that we gave, and the envelope sender.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any, Final

from newsletter_app.feedback import Told
from newsletter_app.web.hooks.asking import (
    Call,
    Refused,
    dig,
    moment,
    octets_of,
    read_json,
    refuse_stale,
    word,
    words_of,
)

# It tries again for eight hours.
WINDOW: Final = timedelta(hours=9)


def told(call: Call) -> list[Told]:
    """Return the event of a call. Raises Refused: 403 for one that is not signed, or stale."""
    found = read_json(call.body)
    timestamp, token = word(found, "signature", "timestamp"), word(found, "signature", "token")
    signed = f"{timestamp}{token}".encode("utf-8", "surrogatepass")
    given = word(found, "signature", "signature").encode("utf-8", "surrogatepass")
    wanted = (hmac.new(key.encode(), signed, hashlib.sha256).hexdigest().encode() for key in call.keys)
    if not any(hmac.compare_digest(given, one) for one in wanted):
        raise Refused(403, "The signature is not that of mailgun= in FEEDBACK_HOOK_KEYS.")
    refuse_stale(moment(timestamp), call.now, WINDOW)
    return events(dig(found, "event-data"), token)


def events(event: Any, token: str) -> list[Told]:
    """Return what an event tells: a failure for good, a complaint, or nothing.

    The token is its id: somebody who caught a signature cannot have it stand for another story as well.
    """
    kind = word(event, "event")
    failed = kind == "failed" and word(event, "severity") == "permanent"
    # "suppress-bounce" and the like: Mailgun did not try.
    if kind != "complained" and (not failed or word(event, "reason").startswith("suppress")):
        return []
    message_id = word(event, "message", "headers", "message-id")
    return [
        Told(
            key=token,
            raw=octets_of(event),
            address=word(event, "recipient"),
            diagnosis=_diagnosis(event),
            status=word(event, "delivery-status", "enhanced-code"),
            complaint="" if failed else "abuse",
            texts=(*words_of(dig(event, "envelope")), *words_of(dig(event, "user-variables"))),
            message_ids=(message_id,),
        )
    ]


def _diagnosis(event: Any) -> str:
    """Return what the server said, with its code before it; Mailgun's own codes are no server's."""
    code = word(event, "delivery-status", "code")
    said = word(event, "delivery-status", "message") or word(event, "delivery-status", "description")
    is_servers = len(code) == 3 and code[0] in "45" and not said.startswith(code)
    return f"{code} {said}" if is_servers else said
