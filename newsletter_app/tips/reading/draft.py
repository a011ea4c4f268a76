"""What reading a file gives: a draft of one side of a tip, and findings by line. Holds values only, decides
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What the library can keep of each, in characters.
TIP_LENGTHS: Final[Mapping[str, int]] = {"title": 200, "notice": 40, "slug": 80, "reviewed_by": 120}
IMAGE_LENGTHS: Final[Mapping[str, int]] = {
    **{"creator": 120, "source": 120, "source_url": 500, "licence": 60, "alt": 500}
}
REFERENCE_LENGTHS: Final[Mapping[str, int]] = {
    **{"authors": 500, "title": 500, "source": 300, "year": 4, "volume": 40, "pages": 40, "doi": 200},
    **{"pmid": 12, "url": 500},
}


@dataclass(frozen=True)
class ReferenceDraft:
    """One reference: `text` whole as given, and what could be read out of it (None where nothing was found).

    `doi` is bare and lower-case ("10.1002/dmrr.3651"), `url` begins with http, `seen_on` is an ISO date.
    """

    text: str
    authors: str | None = None
    title: str | None = None
    source: str | None = None
    year: str | None = None
    volume: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    seen_on: str | None = None


@dataclass(frozen=True)
class ImageDraft:
    """The picture of a tip: `path` as the file names it ("" when only its words were pasted), and
    its credit; `rights_until` is the last day, as ISO has it, on which it may be shown (None: no end).
    """

    path: str
    alt: str
    decorative: bool
    creator: str
    source: str
    source_url: str
    licence: str
    rights_until: str | None = None


@dataclass(frozen=True)
class TipDraft:
    """One side of a tip. `lead`, `body` and `disclaimer` are Markdown with `[^1]` marks; the rest is plain
    text. `topics` are keys, None where the file says nothing of topics.
    """

    number: int | None
    language: str
    title: str
    lead: str
    body: str
    disclaimer: str
    image: ImageDraft | None
    references: tuple[ReferenceDraft, ...]
    notice: str | None = None
    related: tuple[int, ...] = ()
    slug: str | None = None
    reviewed_by: str | None = None
    reviewed_on: str | None = None
    review_due: str | None = None
    topics: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Finding:
    """One line that is not in the draft as it stood: its number (from 1), why (a code), and its text."""

    line: int
    code: str
    text: str


@dataclass(frozen=True)
class Reading:
    """A draft, the page furniture that was left out of it, and the lines that nobody understood."""

    draft: TipDraft
    left_out: tuple[Finding, ...]
    not_understood: tuple[Finding, ...]


@dataclass(frozen=True)
class ImportFault:
    """One reason why a file cannot be read, at a line (from 1)."""

    line: int
    code: str


class Unreadable(Exception):
    """The file cannot be read as a tip; `faults` says where and why, and is never empty."""

    def __init__(self, *faults: ImportFault) -> None:
        super().__init__(", ".join(f"{fault.line}: {fault.code}" for fault in faults))
        self.faults: tuple[ImportFault, ...] = faults
