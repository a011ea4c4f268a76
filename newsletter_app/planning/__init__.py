"""Planning: who gets what of a campaign; it knows every rule of reservation and hands nothing over."""

from newsletter_app.planning.asking import next_mail_at
from newsletter_app.planning.audience import Reached, reached, recount_audience
from newsletter_app.planning.beginning import begin_series, can_begin_series
from newsletter_app.planning.explaining import Code, Explanation, Known, Launch, Mailed, Place, explain
from newsletter_app.planning.gathering import Gathered, gathered
from newsletter_app.planning.knowing import known_of, mailed
from newsletter_app.planning.rules import Situation, Stream, edition_key, unseen
from newsletter_app.planning.service import SLICE, plan_slice
from newsletter_app.planning.untold import Reach, gather, reach, untold_of

__all__ = [
    "SLICE",
    "Code",
    "Explanation",
    "Gathered",
    "Known",
    "Launch",
    "Mailed",
    "Place",
    "Reach",
    "Reached",
    "Situation",
    "Stream",
    "begin_series",
    "can_begin_series",
    "edition_key",
    "explain",
    "gather",
    "gathered",
    "known_of",
    "mailed",
    "next_mail_at",
    "plan_slice",
    "reach",
    "reached",
    "recount_audience",
    "unseen",
    "untold_of",
]
