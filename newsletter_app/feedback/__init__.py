"""Everything that comes back: read, proven, kept once, and its effects on readers and campaigns."""

from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.queries import newest, waiting
from newsletter_app.feedback.reading import Shape
from newsletter_app.feedback.rules import Effect, State
from newsletter_app.feedback.service import Received, forget, receive

__all__ = [
    "Effect",
    "FeedbackEvent",
    "Received",
    "Shape",
    "State",
    "forget",
    "newest",
    "receive",
    "waiting",
]
