"""Authentication: what the DNS says of our domain, and whether others will believe who sent our mail."""

from newsletter_app.authentication.asking import Answer, Kind, Resolver, Silence
from newsletter_app.authentication.identity import Identity, PublicKey
from newsletter_app.authentication.judging import judge, refusals
from newsletter_app.authentication.models import AuthenticationCheck
from newsletter_app.authentication.records import Record, records_to_publish
from newsletter_app.authentication.rules import CheckState, Word
from newsletter_app.authentication.service import begin_check, keep_check, known_faults, last_word

__all__ = [
    "Answer",
    "AuthenticationCheck",
    "CheckState",
    "Identity",
    "Kind",
    "PublicKey",
    "Record",
    "Resolver",
    "Silence",
    "Word",
    "begin_check",
    "judge",
    "keep_check",
    "known_faults",
    "last_word",
    "records_to_publish",
    "refusals",
]
