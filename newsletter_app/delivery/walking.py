"""A walk through a shard: whose rows may be left, how far each was come to, who gets what of a grant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from newsletter_app.delivery.claiming import FROM_THE_START, Apart, Met, Share, Taken

OTHERS: Final = ""  # Everybody whose domain has no limit of its own.


@dataclass(slots=True)
class Walk:
    """One walk from the lowest key to the highest; limited domains have places of their own in it."""

    limited: tuple[str, ...] = ()
    """Every domain that is walked apart: with a limit of its own, or on hold and so without a place."""
    places: dict[str, int] = field(default_factory=dict)
    """Limited domains with rows left, and where each was come to."""
    after: int = FROM_THE_START
    others_left: bool = True
    has_met: bool = False
    """Whether anything was due on the way: if not, nothing is due in the shard."""

    @property
    def is_over(self) -> bool:
        """Whether nobody's rows can be left but those that came back behind it."""
        return not (self.others_left or self.places)

    @property
    def is_held_up(self) -> bool:
        """Whether only limited domains have rows left."""
        return bool(self.places) and not self.others_left

    def apart(self, shares: Mapping[str, int]) -> Apart:
        """Return what a claim must keep apart when the domains get these shares."""
        named = tuple(Share(name, shares[name], self.places[name]) for name in sorted(shares) if name)
        return Apart(self.limited, named)

    def note(self, shares: Mapping[str, int], taken: Taken) -> None:
        """Go on to where a claim with these shares has come."""
        self.after = taken.walked_to
        self.others_left = self.others_left and taken.looked_at >= shares[OTHERS]
        self.has_met = self.has_met or bool(taken.looked_at)
        for name in filter(None, shares):
            met = taken.met.get(name, Met(self.places[name]))
            self.has_met = self.has_met or bool(met.looked_at)
            self.places[name] = met.walked_to
            if met.looked_at < shares[name]:
                del self.places[name]


def divide(total: int, limited: Mapping[str, int], *, others_left: bool, turn: int) -> dict[str, int]:
    """Return who gets how many of ``total`` rows: limited domains up to their tokens, the others the rest.

    Where the total is less than all could have, each gets as much as the next one; ``turn`` says who is
    served first, so that a total of one goes round. Domains that get nothing are left out.
    """
    if not limited:
        return {OTHERS: total}
    wishes = {OTHERS: total if others_left else 0} | dict(limited)
    names = sorted(name for name, wish in wishes.items() if wish)
    shares = {OTHERS: 0}
    while total and names:
        turn %= len(names)
        name = names[turn]
        shares[name] = shares.get(name, 0) + 1
        total -= 1
        if shares[name] == wishes[name]:
            del names[turn]
        else:
            turn += 1
    return shares
