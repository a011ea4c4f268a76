"""Everything that comes back: read, proven, kept once, and its effects on readers and campaigns."""

from newsletter_app.feedback.erasing import erase, let_go_of
from newsletter_app.feedback.forgetting import done, forget, give_up, tidy
from newsletter_app.feedback.models import FeedbackEvent
from newsletter_app.feedback.queries import count_waiting, newest, waiting
from newsletter_app.feedback.reading import Action, Failure, Marks, Reading, Shape, Told, read, read_told
from newsletter_app.feedback.rules import Effect, State
from newsletter_app.feedback.service import Received, receive, take
from newsletter_app.feedback.strangers import TurnedAway, turned_away
from newsletter_app.mail.refusals import Kind, Reason, Verdict, classify

__all__ = [
    "Action",
    "Effect",
    "Failure",
    "FeedbackEvent",
    "Kind",
    "Marks",
    "Reading",
    "Reason",
    "Received",
    "Shape",
    "State",
    "Told",
    "TurnedAway",
    "Verdict",
    "classify",
    "count_waiting",
    "done",
    "erase",
    "forget",
    "give_up",
    "let_go_of",
    "newest",
    "read",
    "read_told",
    "receive",
    "take",
    "tidy",
    "turned_away",
    "waiting",
]
