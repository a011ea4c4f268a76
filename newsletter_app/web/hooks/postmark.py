"""Postmark, which signs nothing and proves itself by a login (HTTP Basic) in the hook's address.

https://postmarkapp.com/developer/webhooks/bounce-webhook and its neighbours. It sends with an envelope sender
and a Message-ID of its own, and names neither of ours: they stand in the bounce, if it passes that on, and in
the metadata of newsletters (``digests.composing.METADATA``).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import Any, Final

from newsletter_app.feedback import Told
from newsletter_app.web.hooks.asking import Call, Refused, dig, key_of, octets_of, read_json, word, words_of

# Others are put off, answers, or Postmark's own refusal to try.
FAILED: Final = frozenset({
    *("HardBounce", "SoftBounce", "DnsError", "SpamNotification", "VirusNotification", "BadEmailAddress"),
    *("Blocked", "DMARCPolicy"),
})  # fmt: skip
TEMPORARY: Final = frozenset({"SoftBounce", "DnsError"})


def told(call: Call) -> list[Told]:
    """Return the event of a call. Raises Refused: 401 for one that does not log in."""
    logins = (b"Basic " + b64encode(key.encode()) for key in call.keys)
    given = call.headers.get("authorization", "").encode("utf-8", "surrogatepass")
    if not any(hmac.compare_digest(given, login) for login in logins):
        raise Refused(401, "Give user and password of postmark= in FEEDBACK_HOOK_KEYS.")
    return events(read_json(call.body))


def events(event: Any) -> list[Told]:
    """Return what a record of Postmark tells: a bounce, a complaint, or nothing."""
    kind, complaint = word(event, "RecordType"), ""
    if kind == "Bounce" and word(event, "Type") in FAILED:
        key = key_of(event, "ID")
    elif kind == "SpamComplaint":
        key, complaint = key_of(event, "ID"), "abuse"
    # Of broadcasts it tells complaints in another form, and gives no id to it.
    elif kind == "SubscriptionChange" and word(event, "SuppressionReason") == "SpamComplaint":
        key, complaint = key_of(event, "MessageID"), "abuse"
    else:
        return []
    return [
        Told(
            key=f"{kind}/{key}",
            raw=octets_of(event),
            address=word(event, "Email") or word(event, "Recipient"),
            diagnosis=word(event, "Details"),
            is_temporary=word(event, "Type") in TEMPORARY,
            complaint=complaint,
            # Our newsletters name themselves there, by the local part of their envelope sender.
            texts=tuple(f"{word}@" for word in words_of(dig(event, "Metadata"))),
            mail=word(event, "Content").encode("utf-8", "surrogatepass"),
        )
    ]
