"""Authentication: what the DNS says of our domain, and whether others will believe who sent our mail."""

from newsletter_app.authentication.asking import Answer, Kind, Resolver, Silence
from newsletter_app.authentication.identity import Identity, PublicKey
from newsletter_app.authentication.judging import judge, refusals
from newsletter_app.authentication.records import Record, records_to_publish

__all__ = [
    "Answer",
    "Identity",
    "Kind",
    "PublicKey",
    "Record",
    "Resolver",
    "Silence",
    "judge",
    "records_to_publish",
    "refusals",
]
