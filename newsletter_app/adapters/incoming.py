"""Taking all that lies in a place, one mail at a time: received and committed first, then put away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from newsletter_app.feedback import Received

# So many failures in a row are not the mails' doing.
MOST_FAILURES: Final = 3


class Place(Protocol):
    """Where mails lie: a maildir, a mailbox."""

    def names(self) -> Iterable[str]:
        """Yield which mails are there, in the order they came."""

    def read(self, name: str) -> bytes | None:
        """Return a mail's octets, None where it cannot be read."""

    def done(self, name: str) -> None:
        """Put a mail away that was taken."""


def take_all(
    place: Place,
    take: Callable[[bytes], Received],
    tell_left: Callable[[str, str], None],
    stop: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Take what lies in ``place`` and return how many became what.

    ``take`` receives a mail in a transaction of its own; whatever it raises leaves the mail where it is, as
    ``tell_left`` hears by name and reason, and after a few in a row it is raised. Between ``take`` and
    ``done`` all may break: taken again, the same mail changes nothing.
    """
    counts: Counter[str] = Counter()
    failures = 0
    for name in list(place.names()):
        if stop():
            break
        octets = place.read(name)
        if octets is None:
            tell_left(name, "it cannot be read")
            continue
        try:
            counts[named(take(octets))] += 1
        except Exception as fault:
            failures += 1
            if failures == MOST_FAILURES:
                raise
            tell_left(name, type(fault).__name__)
            continue
        failures = 0
        place.done(name)
    return counts


def named(received: Received) -> str:
    """Return what became of a mail, for a count."""
    return f"{received.shape}, {received.effect or received.state}" if received.is_new else "known before"
