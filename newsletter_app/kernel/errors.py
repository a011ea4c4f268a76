"""The errors a room may raise: breaches of a promise, each with a code and facts, never a sentence."""

from __future__ import annotations


class Breach(Exception):
    """A promise was broken by the caller; ``code`` names it, ``facts`` say with what."""

    def __init__(self, code: str, **facts: object) -> None:
        """Keep ``code`` (lower-case, dashes) and the facts that explain it."""
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        """Return the code followed by its facts, for logs and terminals."""
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.facts.items())])
