"""Suppression: addresses not to be mailed, by reason and scope; knows hashes, never addresses or people."""

from __future__ import annotations

from newsletter_app.suppression.models import Suppression
from newsletter_app.suppression.rules import LIFTED_BY_CONFIRMING, REASONS, Scope
from newsletter_app.suppression.service import (
    everything,
    is_suppressed,
    lift,
    lift_by_confirming,
    listed,
    of_address,
    standing,
    suppress,
)

__all__ = [
    "LIFTED_BY_CONFIRMING",
    "REASONS",
    "Scope",
    "Suppression",
    "everything",
    "is_suppressed",
    "lift",
    "lift_by_confirming",
    "listed",
    "of_address",
    "standing",
    "suppress",
]
