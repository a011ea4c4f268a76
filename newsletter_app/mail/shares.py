"""Shares of the work by weight, counted in messages (smooth weighted round robin); it knows no server."""

from __future__ import annotations

from collections.abc import Collection, Mapping


class Shares:
    """Who is behind with their share. Whoever is left out of a choice gains nothing by it.

    So a server that comes back after a rest takes its share from then on, and not what it missed.
    """

    def __init__(self, weights: Mapping[str, int]) -> None:
        """Begin with nobody behind; ``weights`` are whole numbers from 1, in the order of preference."""
        self._weights = dict(weights)
        self._behind = dict.fromkeys(weights, 0.0)  # In messages; the sum is always nothing.

    def choose(self, among: Collection[str]) -> str:
        """Return who is furthest behind; of equals the heaviest, then the first named."""
        return max(
            (name for name in self._weights if name in among),
            key=lambda name: (round(self._behind[name], 6), self._weights[name]),
        )

    def count(self, chosen: str, messages: int, among: Collection[str]) -> None:
        """Note that ``chosen`` took so many messages which any of ``among`` could have taken."""
        total = sum(self._weights[name] for name in among)
        for name in among:
            self._behind[name] += messages * self._weights[name] / total
        self._behind[chosen] -= messages
