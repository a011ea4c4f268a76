"""What a hook is asked, and how it may be refused; JSON of strangers is looked into without a fault."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from newsletter_app.adapters.fetching import Fetcher
from newsletter_app.feedback import Told

MAX_EVENTS: Final = 2000  # More are not told at once by anybody.
SKEW: Final = timedelta(minutes=5)


class Refused(Exception):
    """The call changes nothing; ``status`` is 400, 401, 403 or 503, ``sentence`` for who set the hook up."""

    def __init__(self, status: int, sentence: str) -> None:
        """Keep both."""
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a hook: its octets, its headers (names in lower case), the provider's keys, the time."""

    body: bytes
    headers: Mapping[str, str]
    keys: Sequence[str]
    now: datetime
    fetcher: Fetcher


Answer = Callable[[Call], list[Told]]


def read_json(octets: bytes | str) -> Any:
    """Return what the octets say. Raises Refused (400) for what is no JSON, or nested beyond reason."""
    try:
        return json.loads(octets)
    except (ValueError, RecursionError) as fault:
        raise Refused(400, "This is no JSON.") from fault


def dig(found: Any, *names: str) -> Any:
    """Return what stands under these names, None where there is nothing."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def word(found: Any, *names: str) -> str:
    """Return the text or number that stands there as text, "" for anything else."""
    found = dig(found, *names)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return str(found)


def rows(found: Any, *names: str) -> list[Any]:
    """Return the list that stands there, [] for anything else."""
    found = dig(found, *names)
    return found[:MAX_EVENTS] if isinstance(found, list) else []


def words_of(found: Any, depth: int = 3) -> Iterator[str]:
    """Yield every text within, a few levels deep."""
    if isinstance(found, str):
        yield found
    elif depth and isinstance(found, dict | list):
        for each in found.values() if isinstance(found, dict) else found:
            yield from words_of(each, depth - 1)


def refuse_stale(at: datetime | None, now: datetime, window: timedelta) -> None:
    """Refuse what is older than ``window``, or from the future. Raises Refused (403)."""
    if at is None or not now - window <= at <= now + SKEW:
        raise Refused(403, "This was signed too long ago, or this machine's clock is wrong.")


def key_of(event: Any, *names: str) -> str:
    """Return the provider's id of an event, or else a digest that is the same whenever it is told again."""
    return word(event, *names) or hashlib.sha256(octets_of(event)).hexdigest()


def moment(seconds: str) -> datetime | None:
    """Return the time of so many seconds since 1970, None for what is no number of them."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def octets_of(event: Any) -> bytes:
    """Return an event's octets to keep."""
    return json.dumps(event, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
