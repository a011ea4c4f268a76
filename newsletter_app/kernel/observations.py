"""Observations: what was looked at, how grave what was found is, and the facts; codes, never sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Gravity(StrEnum):
    """``unasked``: it could not be found out, which is neither well nor wrong."""

    ok = "ok"
    warning = "warning"
    fault = "fault"
    unasked = "unasked"


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at: a code for what was found, and the facts of its sentence."""

    code: str
    gravity: Gravity
    subject: str = ""
    """What was looked at: a name in the DNS, a server, a folder."""
    facts: Mapping[str, str] = field(default_factory=dict)


def unasked(code: str, subject: str, why: str) -> Observation:
    """Return that something could not be found out; ``why`` is a code."""
    return Observation(code, Gravity.unasked, subject, {"why": why})
