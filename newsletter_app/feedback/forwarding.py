"""A reader's answer goes on to the organisation, as a service mail that is answered by pressing Reply.

It is marked as a machine's own (Auto-Submitted), so that one that finds its way back here ends here (M47).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from newsletter_app import organisation, service_mail
from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.reading import Reading
from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.languages import as_language

MOST_A_DAY: Final = 100
# The organisation's own address is no reader's: what bounces there suppresses nobody.
OWNER_KEY: Final = "organisation"


def forward(session: Session, reading: Reading, event: FeedbackEvent, now: datetime) -> bool:
    """Queue a proven reader's answer for the organisation; False where it has to wait to be read here.

    That is where the organisation has no e-mail, wrote it itself, cannot answer, has had a hundred today, or
    where its e-mail leads here: what goes there would come back as a machine's, and nobody would read it.
    """
    owner = organisation.find(session)
    if owner is None or not owner.email or owner.email.lower() in (reading.sender, *reading.handed_to):
        return False
    try:
        answer_to = parse_address(reading.sender)
    except AddressFault:
        return False
    if not str(answer_to).isascii():
        return False  # No Reply-To holds it without SMTPUTF8 (RFC 6531): the mail would be refused here.
    queued = service_mail.queue(
        session,
        "reply",
        address=owner.email,
        address_key=OWNER_KEY,
        language=as_language(owner.default_language),
        now=now,
        facts={"subject": reading.subject, "words": reading.words, "reply_to": str(answer_to)},
        once=f"reply:{event.id}",
        at_most=MOST_A_DAY,
    )
    return queued is not None
