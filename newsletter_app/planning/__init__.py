"""Planning: who gets what of a campaign; it knows every rule of reservation and hands nothing over."""

from newsletter_app.planning.asking import next_mail_at
from newsletter_app.planning.rules import Situation, Stream, edition_key, unseen
from newsletter_app.planning.service import SLICE, plan_slice
from newsletter_app.planning.untold import Reach, gather, reach

__all__ = [
    "SLICE",
    "Reach",
    "Situation",
    "Stream",
    "edition_key",
    "gather",
    "next_mail_at",
    "plan_slice",
    "reach",
    "unseen",
]
