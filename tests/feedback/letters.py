"""Mails as they come back, made of a few values."""

from __future__ import annotations

import base64

LOCAL = "b-" + "a2" * 15
STOP = "BAAB" * 8

DSN = """From: Mail Delivery System <MAILER-DAEMON@mx.example.ca>
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

This is the mail system at host mx.example.ca.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.ca

Final-Recipient: rfc822; rose@example.ca
Action: {action}
Status: {status}
Diagnostic-Code: {diagnosis}

--x--
"""

ARF = """From: <complaints@provider.example>
Subject: FW: Tip 24
Content-Type: multipart/report; report-type=feedback-report; boundary="x"

--x
Content-Type: text/plain

This is an email abuse report.
--x
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: <redacted@provider.example>

--x
Content-Type: message/rfc822

Return-Path: <{local}@bounce.example.org>
Message-ID: <c7.1001.0123456789abcdef@example.org>
List-Unsubscribe: <https://news.example.org/stop/{stop}>
To: redacted
Subject: Tip 24

Words
--x--
"""


def complaint(*, local: str = LOCAL, stop: str = STOP, kind: str = "abuse") -> str:
    """Return a feedback report (RFC 5965) about a mail with these tokens; the reader is blotted out."""
    return ARF.format(kind=kind, local=local, stop=stop)


def letter(
    *,
    status: str,
    kind: str = "message/delivery-status",
    encoding: str = "7bit",
    to: str = "",
    returned: str = "",
) -> bytes:
    """Return a report with this status part, sent to ``to``, with the head of what it returns."""
    body = base64.encodebytes(status.encode()).decode() if encoding == "base64" else status
    parts = [f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{body}"]
    if returned:
        parts.append(f"Content-Type: text/rfc822-headers\n\n{returned}")
    head = f"From: MAILER-DAEMON@mx.example.ca\nTo: {to}\nSubject: Undelivered\n"
    mime = 'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n'
    return (head + mime + "".join(f"--x\n{part}\n" for part in parts) + "--x--\n").encode()
