"""Imported documents with their pictures, which are kept before anything is saved of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter_app.cli.kept_pictures import KeptPictures
from newsletter_app.cli.pictures import Lacking, Pictures
from newsletter_app.cli.progress import progress
from newsletter_app.cli.read_files import ReadFile, naming
from newsletter_app.cli.refusals import sentence
from newsletter_app.media import ImageFault, Kept


@dataclass(frozen=True, slots=True)
class Illustrated:
    """A document, its picture, None where it has none, and what the picture lacks ("" when nothing)."""

    file: ReadFile
    picture: Kept | None
    lacking: str = ""


def illustrate(read: Sequence[ReadFile], pictures: Pictures, kept: KeptPictures) -> list[Illustrated]:
    """Keep the picture of each document. Raises ClickException that names the document."""
    with progress(read, "Keeping pictures") as counted:
        return [_illustrate(file, pictures, kept) for file in counted]


def _illustrate(file: ReadFile, pictures: Pictures, kept: KeptPictures) -> Illustrated:
    """A picture that a saved page names and that nobody has, or that is none, is told of."""
    with naming(file):
        try:
            found = pictures.find(file)
            return Illustrated(file, kept.keep(found.content, found.named) if found else None)
        except (Lacking, ImageFault) as refusal:
            if not file.document.lenient:
                raise
            told = refusal.message if isinstance(refusal, Lacking) else sentence(refusal)
            return Illustrated(file, None, told)
