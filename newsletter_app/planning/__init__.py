"""Planning: who gets what of a campaign; it knows every rule of reservation and hands nothing over."""

from newsletter_app.planning.asking import next_mail_at
from newsletter_app.planning.audience import Reached, reached, recount_audience
from newsletter_app.planning.gathering import Gathered, gathered
from newsletter_app.planning.rules import Situation, Stream, edition_key, unseen
from newsletter_app.planning.service import SLICE, plan_slice

__all__ = [
    "SLICE",
    "Gathered",
    "Reached",
    "Situation",
    "Stream",
    "edition_key",
    "gathered",
    "next_mail_at",
    "plan_slice",
    "reached",
    "recount_audience",
    "unseen",
]
