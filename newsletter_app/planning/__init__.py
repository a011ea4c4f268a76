"""Planning: who gets what of a campaign; it knows every rule of reservation and hands nothing over."""

from newsletter_app.planning.rules import Situation, Stream, edition_key, unseen
from newsletter_app.planning.service import SLICE, plan_slice

__all__ = ["SLICE", "Situation", "Stream", "edition_key", "plan_slice", "unseen"]
