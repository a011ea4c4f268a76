"""A digest's tips under their notices: the first few whole, the others told of with a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter_app.digests.edition import DigestOf
from newsletter_app.digests.fragments import Fragment


@dataclass(frozen=True, slots=True)
class Piece:
    """A tip in its place: whole, or told of with a link."""

    fragment: Fragment
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A notice by its name, with its tips."""

    name: str
    pieces: list[Piece]


def sections(edition: DigestOf, fragments: Sequence[Fragment], whole: int) -> list[Section]:
    """Return the digest's tips under their notices, in reading order; the first ``whole`` are whole."""
    places = dict(zip(edition.tip_ids, edition.notice_ids, strict=False))
    names = {notice.id: notice.side(edition.language).name for notice in edition.notices}
    first = next(iter(names.values()), "")
    found: dict[str, list[Piece]] = {}
    for number, fragment in enumerate(fragments):
        name = names.get(places.get(fragment.tip_id, 0), first)
        found.setdefault(name, []).append(Piece(fragment, is_whole=number < whole))
    return [Section(name, pieces) for name, pieces in found.items()]
