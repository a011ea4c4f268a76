"""Service mails: what answers a person's own act (confirm, already, welcome …); never newsletters.

Composing, claiming and sending stand in their own modules, since only the process that sends needs them.
"""

from __future__ import annotations

from newsletter_app.service_mail.erasing import erase, forget
from newsletter_app.service_mail.link_specs import LinkSpec
from newsletter_app.service_mail.models import ServiceMail
from newsletter_app.service_mail.service import KINDS, local_day, queue

__all__ = ["KINDS", "LinkSpec", "ServiceMail", "erase", "forget", "local_day", "queue"]
