"""Planning: who gets what of a campaign; it knows every rule of reservation and hands nothing over."""

from newsletter_app.planning.asking import next_mail_at
from newsletter_app.planning.beginning import begin_series, can_begin_series
from newsletter_app.planning.rules import Situation, Stream, edition_key, unseen
from newsletter_app.planning.service import SLICE, plan_slice

__all__ = [
    "SLICE",
    "Situation",
    "Stream",
    "begin_series",
    "can_begin_series",
    "edition_key",
    "next_mail_at",
    "plan_slice",
    "unseen",
]
