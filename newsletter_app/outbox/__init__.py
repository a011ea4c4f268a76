"""The outbox: where mails stay while no mail server is set; it sends nothing."""

from newsletter_app.outbox.erasing import erase, forget
from newsletter_app.outbox.models import OutboxMessage
from newsletter_app.outbox.queries import find, newest
from newsletter_app.outbox.transport import OutboxTransport

__all__ = ["OutboxMessage", "OutboxTransport", "erase", "find", "forget", "newest"]
