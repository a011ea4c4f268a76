"""What reading a foreign file gives: one side of a tip each, or the reasons why not. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from newsletter_app.tips import ImportFault, Reading, TipDraft


@dataclass(frozen=True, slots=True)
class Document:
    """One side of a tip as a file holds it.

    ``place`` says where in the file ("" for the whole, "post 12"), ``member`` which file of an archive it is,
    ``unit`` what the numbers of its findings count (line, paragraph). ``reading`` is None when ``faults``
    say why.
    ``group`` joins the sides of one tip that has no number; ``published_at`` is since when it stood on the
    web elsewhere. A ``lenient`` one may lack its picture: whoever saved a page could not choose.
    """

    place: str
    reading: Reading | None
    faults: tuple[ImportFault, ...] = ()
    member: str = ""
    title: str = ""
    unit: str = "line"
    group: str = ""
    published_at: datetime | None = None
    lenient: bool = False
    lines: tuple[str, ...] = field(default=(), repr=False)

    @property
    def draft(self) -> TipDraft:
        """The draft that was read; whoever asks has looked at ``faults``."""
        if self.reading is None:
            raise LookupError(f"{self.place} could not be read")
        return self.reading.draft

    def text_at(self, fault: ImportFault) -> str:
        """The text of the line that a fault is about, "" where it cannot be shown."""
        return self.lines[fault.line - 1] if 0 < fault.line <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The documents of one file in their order, and what was passed over on purpose, as (code, how many)."""

    documents: tuple[Document, ...]
    passed_over: tuple[tuple[str, int], ...] = ()


def joined(batches: Iterable[Batch]) -> Batch:
    """The batches as one."""
    whole = list(batches)
    passed: dict[str, int] = {}
    for code, count in (pair for batch in whole for pair in batch.passed_over):
        passed[code] = passed.get(code, 0) + count
    return Batch(tuple(_documents(whole)), tuple(passed.items()))


def _documents(batches: Iterable[Batch]) -> Iterator[Document]:
    for batch in batches:
        yield from batch.documents
