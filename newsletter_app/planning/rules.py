"""Which publications a reader has not had yet, decided per distinct situation and never per reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

KEY_ROOM = 200


@dataclass(frozen=True, slots=True)
class Stream:
    """One notice of the campaign: where it ends now, and what of it may be mailed (seq → publication)."""

    notice_id: int
    head: int
    publications: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Situation:
    """What many readers share: a cursor per notice (-1: not theirs), what is owed them, what they had."""

    cursors: tuple[int, ...]
    owed: frozenset[int]
    had_tips: frozenset[int]


def unseen(situation: Situation, streams: Sequence[Stream], tips: Mapping[int, int]) -> tuple[int, ...]:
    """Return the publications for this situation in reading order: by stream, the newest first.

    ``tips`` maps publication → tip. A tip that an edition already delivered is left out wherever it stands.
    """
    found = []
    for stream, cursor in zip(streams, situation.cursors, strict=True):
        for seq in sorted(stream.publications, reverse=True):
            publication = stream.publications[seq]
            is_theirs = 0 <= cursor < seq or publication in situation.owed
            if is_theirs and tips[publication] not in situation.had_tips:
                found.append(publication)
    return tuple(found)


def edition_key(
    publications: Sequence[int], language: str, layout: str, pace: str = "", notes: Sequence[int] = ()
) -> str:
    """Return what makes an edition one of its kind within a campaign, in at most 200 characters.

    ``notes`` are the corrections that it tells of.
    """
    items = ".".join(map(str, publications)) + "".join(f"+{note}" for note in notes)
    kind = "/".join(word for word in (language, layout, pace) if word)
    key = f"{items}/{kind}"
    if len(key) <= KEY_ROOM:
        return key
    return f"sha256:{sha256(items.encode()).hexdigest()}/{kind}"
