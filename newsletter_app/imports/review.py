"""The review: what an import would write, as a text that a person reads, edits and hands back (YAML).

Reading it gives exactly what it says: no word is guessed, completed or left out any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from newsletter_app.tips import ImageDraft, ReferenceDraft, TipDraft

LONGEST_LINE: Final = 100
TEXTS: Final = ("title", "lead", "body", "disclaimer")
ABOUT: Final = ("notice", "slug", "reviewed_by", "reviewed_on", "review_due")
IMAGE: Final = ("file", "alt", "decorative", "creator", "source", "source_url", "licence", "rights_until")
REFERENCE: Final = (
    *("text", "authors", "title", "source", "year", "volume", "pages", "doi", "pmid", "url", "seen_on"),
)
PLACE: Final = ("from", "member", "place", "group", "published_at")
# What the review tells and nobody reads back.
_TOLD: Final = ("left_out", "please_look", "picture")
KEYS: Final = frozenset(
    {"number", "language", "image", "references", "related", "topics", *TEXTS, *ABOUT, *PLACE, *_TOLD}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a tip in a review: the draft, the file it came from and where in it, and what to tell.

    ``published_at`` is an ISO moment or ""; ``told`` maps left_out and please_look to their lines, and
    picture to a sentence.
    """

    draft: TipDraft
    source: str
    member: str = ""
    place: str = ""
    group: str = ""
    published_at: str = ""
    told: Mapping[str, Sequence[str] | str] | None = None


def write_review(entries: Iterable[Entry], *, head: str) -> str:
    """Return the review as text; ``head`` is what stands above it as comments."""
    rows = [_row(entry) for entry in entries]
    comment = "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines())
    body = yaml.dump_all(
        [rows],
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=LONGEST_LINE,
        default_flow_style=False,
    )
    # A blank line between two tips, for the eye.
    return comment + "\n" + re.sub(r"(?m)^- from:", "\n- from:", body)


# libyaml is many times faster; where a machine has it not, Python's own reads the same.
_BASE_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE_DUMPER):  # type: ignore[misc]
    """Writes long texts as blocks, which can be edited line by line."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: a person cannot follow an alias."""
        return True


def _text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else ">" if len(text) > LONGEST_LINE else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _row(entry: Entry) -> dict[str, Any]:
    draft = entry.draft
    place = {"from": entry.source, "member": entry.member, "place": entry.place, "group": entry.group}
    row: dict[str, Any] = {name: value for name, value in place.items() if value}
    row |= {"published_at": entry.published_at} if entry.published_at else {}
    row |= dict(entry.told or {})
    row |= {"number": draft.number} if draft.number is not None else {}
    row |= {"language": draft.language}
    row |= {name: getattr(draft, name) for name in (*ABOUT, *TEXTS) if getattr(draft, name) or name in TEXTS}
    row |= {"image": _image_row(draft.image)} if draft.image else {}
    row |= {"references": [_reference_row(reference) for reference in draft.references]}
    row |= {"related": list(draft.related)} if draft.related else {}
    row |= {"topics": list(draft.topics)} if draft.topics is not None else {}
    return row


def _image_row(image: ImageDraft) -> dict[str, Any]:
    row = {name: getattr(image, "path" if name == "file" else name) for name in IMAGE}
    return {name: value for name, value in row.items() if value is not None}


def _reference_row(reference: ReferenceDraft) -> dict[str, str]:
    return {name: value for name in REFERENCE if (value := getattr(reference, name))}
