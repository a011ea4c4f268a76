"""What ``flask tips import`` reads from its files, and why some of it cannot be read; it saves nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from newsletter_app import imports
from newsletter_app.cli import findings
from newsletter_app.cli.lacks import NAMES
from newsletter_app.cli.refusals import sentence
from newsletter_app.imports import Document
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips import ImageDraft, Reading, TipDraft

NO_IMAGE: Final = ImageDraft(
    path="", alt="", decorative=False, creator="", source="", source_url="", licence=""
)
MAX_OCTETS: Final = 600_000_000
_SIDE = re.compile(rf"[._-](?:{'|'.join(LANGUAGES)})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, and one document that it holds."""

    path: Path
    document: Document

    @property
    def reading(self) -> Reading:
        """What reading it gave."""
        return self.document.reading or Reading(self.document.draft, (), ())

    @property
    def draft(self) -> TipDraft:
        """The draft that was read."""
        return self.document.draft

    @property
    def label(self) -> str:
        """Where it stands, such as "export.xml, post 12"."""
        return ", ".join(filter(None, [str(self.path), self.document.member, self.document.place]))

    @property
    def of_tip(self) -> int | str:
        """What the two sides of one tip have in common: its number, the group of its translations, or
        "coffee" of "coffee.fr.md".
        """
        if self.document.place or self.document.group:
            return self.draft.number or self.document.group or self.label
        inside = self.path / self.document.member
        return self.draft.number or str(inside.with_name(_SIDE.sub("", inside.stem)))


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the files hold, why some of it cannot be read, and what was passed over on purpose."""

    read: list[ReadFile]
    refused: list[str]
    passed_over: list[str]


def gather(
    files: Sequence[Path],
    *,
    language: str | None = None,
    default_language: Language,
    alt: str | None = None,
    drafts: bool = False,
) -> Gathered:
    """Return all that the files hold, and a sentence for every fault of every file. Raises ClickException."""
    gathered = Gathered([], [], [])
    for file in dict.fromkeys(files):
        batch = imports.read(file.name, _content(file), default_language, language=language, drafts=drafts)
        for document in batch.documents:
            if document.faults:
                gathered.refused.extend(_refusals(file, document))
            else:
                gathered.read.append(ReadFile(file, _with_alt(document, alt)))
        gathered.passed_over.extend(
            f"{file}: {findings.passed_over(code, count)}" for code, count in batch.passed_over
        )
    return gathered


def read_all(
    files: Sequence[Path], *, language: str | None = None, default_language: Language, alt: str | None = None
) -> list[ReadFile]:
    """Return what all files hold. Raises ClickException that names every fault of every file by its line."""
    gathered = gather(files, language=language, default_language=default_language, alt=alt)
    refuse(gathered.refused or disagreements(gathered.read))
    return gathered.read


def refuse(faults: Sequence[str]) -> None:
    """Raise ClickException with all ``faults``, where there are any."""
    if faults:
        raise click.ClickException("\n".join([*faults, "Nothing was imported."]))


@contextmanager
def naming(file: ReadFile) -> Iterator[None]:
    """Name ``file`` in whatever the block refuses: Breach becomes ClickException, too."""
    try:
        yield
    except Breach as breach:
        raise click.ClickException(f"{file.label}: {sentence(breach)} Nothing was imported.") from breach
    except click.ClickException as refusal:
        raise click.ClickException(f"{file.label}: {refusal.message} Nothing was imported.") from refusal


def disagreements(read: Sequence[ReadFile]) -> list[str]:
    """Say which documents cannot stand beside each other."""
    return _same_side_twice(read) or _references_differ(read)


def _content(file: Path) -> bytes:
    if file.stat().st_size > MAX_OCTETS:
        raise click.ClickException(f"{file} is larger than 600 MB. Import it in parts.")
    return file.read_bytes()


def _refusals(file: Path, document: Document) -> list[str]:
    label = ", ".join(filter(None, [str(file), document.member, document.place]))
    if document.unit == "paragraph":
        return [
            f"{label}{findings.quote(document.title)}: {findings.why(fault)}" for fault in document.faults
        ]
    return [f"{label}, {findings.refused(fault, document.text_at(fault))}" for fault in document.faults]


def _with_alt(document: Document, alt: str | None) -> Document:
    reading = document.reading
    if alt is None or reading is None:
        return document
    image = replace(reading.draft.image or NO_IMAGE, alt=alt)
    odd = tuple(finding for finding in reading.not_understood if finding.code != "image-without-alt")
    draft = replace(reading.draft, image=image)
    return replace(document, reading=replace(reading, draft=draft, not_understood=odd))


def _same_side_twice(read: Sequence[ReadFile]) -> list[str]:
    """The later file would overwrite the earlier one, and nobody would be told."""
    first: dict[tuple[int | str, str], str] = {}
    faults = []
    for file in read:
        standing = first.setdefault((file.of_tip, file.draft.language), file.label)
        if standing != file.label:
            named = f"the {NAMES[file.draft.language]} side of tip {file.draft.number or file.draft.title}"
            faults.append(f"{file.label}: this is {named}, and so is {standing}. Import one of them.")
    return faults


def _references_differ(read: Sequence[ReadFile]) -> list[str]:
    """Both sides share one list, so a mark [2] must mean the same source in either."""
    first: dict[int | str, ReadFile] = {}
    faults = []
    for file in read:
        other = first.setdefault(file.of_tip, file)
        here, there = len(file.draft.references), len(other.draft.references)
        if here != there:
            faults.append(
                f"{file.label}: {here} references, but {other.label} has {there}. Make them the same."
            )
    return faults
