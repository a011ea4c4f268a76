"""A DNS in memory: records by name and kind, and names about which its servers say nothing useful.

``tests/authentication/test_asking.py`` holds it against a real name server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newsletter_app.authentication import Answer, Kind, Silence

Records = Mapping[str, Mapping[str, Sequence[str] | str] | str]


class Zone:
    """Answers from ``records``: name → kind → values, or why nobody answers, for one kind or all."""

    def __init__(self, records: Records) -> None:
        """Keep the records; names are written in small letters, without the last dot."""
        self._records = records
        self.asked: list[tuple[str, str]] = []

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return what stands there."""
        name = name.rstrip(".").lower()
        self.asked.append((name, kind))
        found = self._records.get(name)
        if isinstance(found, str):
            return Answer(silence=Silence(found))
        if found is None:
            below = any(other.endswith(f".{name}") for other in self._records)
            return Answer(name_exists=below)
        values = found.get(kind, ())
        return Answer(silence=Silence(values)) if isinstance(values, str) else Answer(tuple(values))
