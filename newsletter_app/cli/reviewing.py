"""The review of an import: written before anything is saved, read back to save exactly what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from newsletter_app import imports
from newsletter_app.cli import findings, reporting
from newsletter_app.cli.pictures import Pictures
from newsletter_app.cli.read_files import Gathered, ReadFile
from newsletter_app.imports import Document, Entry
from newsletter_app.tips import Reading, Unreadable

HEAD: Final = """\
What the import would write. Nothing is saved yet.
Read each tip, change what is wrong, delete the whole entry of a tip that you do not want, then:
  .venv/bin/flask tips import --from-review {review}
saves exactly what stands here. left_out, please_look and picture only tell; they are not read back.
Texts are Markdown; [^2] cites the second reference."""


def write(review: Path, gathered: Gathered, pictures: Pictures) -> None:
    """Write the review of what was gathered; a file that stands there is kept. Raises ClickException."""
    head = [HEAD.format(review=review)]
    head += ["", "Could not be read, and is not in here:", *gathered.refused] if gathered.refused else []
    head += ["", "Passed over:", *gathered.passed_over] if gathered.passed_over else []
    text = imports.write_review([_entry(file, pictures) for file in gathered.read], head="\n".join(head))
    try:
        with review.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as fault:
        raise click.ClickException(
            f"{review} is there already, perhaps with somebody's changes. Give another name."
        ) from fault
    except OSError as fault:
        raise click.ClickException(f"{review} cannot be written: {fault.strerror}.") from fault


def read(review: Path) -> list[ReadFile]:
    """Return the documents of a review. Raises ClickException that names every fault by its line."""
    content = review.read_bytes()
    try:
        entries = imports.read_review(content)
    except Unreadable as unreadable:
        lines = content.decode("utf-8", errors="replace").splitlines()
        faults = [
            f"{review}, {findings.refused(fault, ''.join(lines[fault.line - 1 : fault.line]))}"
            for fault in unreadable.faults
        ]
        raise click.ClickException("\n".join([*faults, "Nothing was imported."])) from unreadable
    return [_document(review, at, entry) for at, entry in enumerate(entries, 1)]


def _entry(file: ReadFile, pictures: Pictures) -> Entry:
    document = file.document
    told: dict[str, Sequence[str] | str] = {}
    image = file.draft.image
    if image is not None:
        lacking = pictures.lack(file) if image.path else "Its file is not known; name it at file."
        told["picture"] = f"lacking: {lacking}" if lacking else "found"
    for name, lines in (
        ("please_look", reporting.lines_to_look_at(file)),
        ("left_out", reporting.lines_left_out(file)),
    ):
        told |= {name: lines} if lines else {}
    since = document.published_at
    return Entry(
        file.draft,
        str(file.path.resolve()),
        document.member,
        document.place,
        document.group,
        since.isoformat() if since else "",
        told,
    )


def _document(review: Path, at: int, entry: Entry) -> ReadFile:
    document = Document(
        place=entry.place,
        reading=Reading(entry.draft, (), ()),
        member=entry.member,
        title=entry.draft.title,
        group=entry.group,
        published_at=_moment(review, at, entry.published_at),
    )
    return ReadFile(Path(entry.source) if entry.source else review, document)


def _moment(review: Path, at: int, text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
        if moment is not None and moment.tzinfo is None:
            raise ValueError("a moment without its zone")
    except ValueError as fault:
        raise click.ClickException(
            f"{review}, tip {at}: published_at is no moment such as 2024-05-01T09:00:00+00:00."
        ) from fault
    return moment
