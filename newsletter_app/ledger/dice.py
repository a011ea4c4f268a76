"""The dice that spread retries over time; rules are handed the number that was thrown."""

from __future__ import annotations

from secrets import SystemRandom
from typing import Final

DICE: Final = SystemRandom()
