"""Amazon SES, which tells over SNS: notifications and event publishing alike.

https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html. ``mail.source`` is the envelope sender
that we handed over, so each mail's token is in it; SES itself sends with another.
"""

from __future__ import annotations

from typing import Any, Final

from newsletter_app.feedback import Told
from newsletter_app.web.hooks import sns
from newsletter_app.web.hooks.asking import Call, Refused, dig, octets_of, read_json, rows, word

PERMANENT: Final = "Permanent"


def told(certificates: sns.Certificates, call: Call) -> list[Told]:
    """Return the events of a call; a subscription is confirmed and tells nothing. Raises Refused."""
    message = sns.proven_message(call, certificates)
    if message["Type"] == "SubscriptionConfirmation":
        sns.confirm(message, call.fetcher)
    if message["Type"] != sns.NOTIFICATION:
        return []
    try:
        return events(read_json(word(message, "Message")), word(message, "MessageId"))
    except Refused:
        # "Successfully validated SNS topic …": words for people.
        return []


def events(event: Any, message_id: str) -> list[Told]:
    """Return what an event of SES tells, one of each recipient; deliveries and the like tell nothing."""
    kind = word(event, "eventType") or word(event, "notificationType")
    if kind == "Bounce":
        about, rest = rows(event, "bounce", "bouncedRecipients"), dig(event, "bounce")
    elif kind == "Complaint":
        about, rest = rows(event, "complaint", "complainedRecipients"), dig(event, "complaint")
    else:
        return []
    key, complaint = word(rest, "feedbackId") or message_id, ""
    if kind == "Complaint":
        complaint = word(rest, "complaintFeedbackType").lower() or "abuse"
    headers = [(word(row, "name"), word(row, "value")) for row in rows(event, "mail", "headers")]
    texts = (f"Return-Path: <{word(event, 'mail', 'source')}>", *(": ".join(header) for header in headers))
    ids = tuple(value for name, value in headers if name.lower() == "message-id")
    raw = octets_of(event)
    return [
        Told(
            key=f"{key}/{place}",
            raw=raw,
            address=word(row, "emailAddress"),
            diagnosis=word(row, "diagnosticCode"),
            status=word(row, "status"),
            is_temporary=word(rest, "bounceType") != PERMANENT,
            complaint=complaint,
            texts=texts,
            message_ids=ids,
        )
        for place, row in enumerate(about)
    ]
