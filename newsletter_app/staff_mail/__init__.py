"""Staff mails: what happened and concerns a person of the staff, told to each of them once."""

from newsletter_app.staff_mail.about_months import board_facts
from newsletter_app.staff_mail.choosing import choose, silences
from newsletter_app.staff_mail.models import StaffSilence, StaffTelling, Stoppage
from newsletter_app.staff_mail.rules import KINDS, Kind, can_silence, offered
from newsletter_app.staff_mail.telling import tell

__all__ = [
    "KINDS",
    "Kind",
    "StaffSilence",
    "StaffTelling",
    "Stoppage",
    "board_facts",
    "can_silence",
    "choose",
    "offered",
    "silences",
    "tell",
]
