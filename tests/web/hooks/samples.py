"""What providers tell, in the form that their documentation gives; every value is synthetic.

SES: https://docs.aws.amazon.com/ses/latest/dg/notification-examples.html
Postmark: https://postmarkapp.com/developer/webhooks/bounce-webhook, …/spam-complaint-webhook,
…/subscription-change-webhook
SendGrid: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
Mailgun: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
"""

from __future__ import annotations

from typing import Any

UNKNOWN = "smtp; 550 5.1.1 <rose@example.ca>: user unknown"
FULL = "smtp; 552 5.2.2 mailbox full"
POLICY = "smtp; 550 5.7.1 refused by policy"


def ses_mail(local: str, message_id: str = "") -> dict[str, Any]:
    headers = [{"name": "From", "value": "Walk On <tips@example.org>"}]
    if message_id:
        headers.append({"name": "Message-ID", "value": message_id})
    return {
        "timestamp": "2026-03-02T15:59:00.000Z",
        "source": f"{local}@bounce.example.org",
        "messageId": "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa0680-000000",
        "destination": ["rose@example.ca"],
        "headersTruncated": False,
        "headers": headers,
    }


def ses_bounce(
    local: str,
    diagnosis: str = UNKNOWN,
    *,
    status: str = "5.1.1",
    kind: str = "Permanent",
    message_id: str = "",
) -> dict[str, Any]:
    recipient = {"emailAddress": "rose@example.ca"}
    if diagnosis:
        recipient |= {"status": status, "action": "failed", "diagnosticCode": diagnosis}
    return {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": [recipient],
            "timestamp": "2026-03-02T15:59:30.000Z",
            "feedbackId": "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa068a-000000",
            "reportingMTA": "dns; a.ca-central-1.amazonses.com",
        },
        "mail": ses_mail(local, message_id),
    }


def ses_complaint(local: str, kind: str | None = "abuse") -> dict[str, Any]:
    told = {"complaintFeedbackType": kind} if kind else {}
    return {
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": "rose@example.ca"}],
            "timestamp": "2026-03-02T15:59:30.000Z",
            "feedbackId": "000001378603177f-18c07c78-fa81-4a58-9dd1-fedc3cb8f49a-000000",
            **told,
        },
        "mail": ses_mail(local),
    }


SES_DELIVERY = {
    "notificationType": "Delivery",
    "delivery": {"recipients": ["rose@example.ca"], "smtpResponse": "250 ok"},
    "mail": ses_mail("b-x"),
}


def postmark_bounce(content: str = "", *, kind: str = "HardBounce", details: str = UNKNOWN) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "MessageStream": "broadcast",
        "ID": 4323372036854775807,
        "Type": kind,
        "TypeCode": 1,
        "Name": "Hard bounce",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message",
        "Details": details,
        "Email": "rose@example.ca",
        "From": "tips@example.org",
        "BouncedAt": "2026-03-02T15:59:30Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "Tip 24",
        "Content": content,
    }


def postmark_complaint(content: str) -> dict[str, Any]:
    return postmark_bounce(content, kind="SpamComplaint", details="") | {"RecordType": "SpamComplaint"}


def postmark_change(local: str) -> dict[str, Any]:
    return {
        "RecordType": "SubscriptionChange",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "ChangedAt": "2026-03-02T15:59:30Z",
        "Recipient": "rose@example.ca",
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "SpamComplaint",
        "Metadata": {"sender": f"{local}@bounce.example.org"},
    }


def sendgrid_event(message_id: str, event: str = "bounce", **other: str) -> dict[str, Any]:
    told = {
        "email": "rose@example.ca",
        "timestamp": 1772467170,
        "smtp-id": message_id,
        "event": event,
        "sg_event_id": f"{event}-6g4ZI7SA-xmRDv57GoPIPw==",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
    }
    if event == "bounce":
        told |= {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 user unknown"}
    return told | other


def mailgun_event(message_id: str, event: str = "failed", **other: Any) -> dict[str, Any]:
    return {
        "event": event,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": 1772467170.5,
        "severity": "permanent",
        "reason": "bounce",
        "recipient": "rose@example.ca",
        "recipient-domain": "example.ca",
        "delivery-status": {"attempt-no": 1, "code": 550, "message": "5.1.1 user unknown", "description": ""},
        "envelope": {"sender": "somebody@example.org", "targets": "rose@example.ca", "transport": "smtp"},
        "message": {"headers": {"message-id": message_id.strip("<>"), "from": "Walk On <tips@example.org>"}},
        "user-variables": {},
        **other,
    }
