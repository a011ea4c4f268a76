"""Pace: how fast mail may leave (overall, by server, by recipient domain), and how a warm-up grows."""

from newsletter_app.pace.models import PaceLimit, WarmUp
from newsletter_app.pace.port import Asked, Bucket, Grant, Pace, Quota, Used
from newsletter_app.pace.queries import limits
from newsletter_app.pace.rules import (
    DOMAIN,
    OVERALL,
    SCOPES,
    SERVER,
    WARMED,
    Limits,
    Warming,
    begin_of,
    day_of,
)
from newsletter_app.pace.service import drop_limit, drop_warm_up, set_limit, set_warm_up

__all__ = [
    "DOMAIN",
    "OVERALL",
    "SCOPES",
    "SERVER",
    "WARMED",
    "Asked",
    "Bucket",
    "Grant",
    "Limits",
    "Pace",
    "PaceLimit",
    "Quota",
    "Used",
    "WarmUp",
    "Warming",
    "begin_of",
    "day_of",
    "drop_limit",
    "drop_warm_up",
    "limits",
    "set_limit",
    "set_warm_up",
]
