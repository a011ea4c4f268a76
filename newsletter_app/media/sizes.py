"""The sizes of a picture: which files stand beside it, what they are called, which of them is shown where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from newsletter_app.media.models import Image

# For a phone, a phone with a fine screen or a large one without, and twice the mail's column of 560 px.
WIDTHS: Final = (480, 800, 1120)
WORTHWHILE: Final = 0.8
_SMALLER: Final = re.compile(r"(?P<stem>[0-9a-f]+)-(?P<width>\d{2,4})(?P<ending>\.[a-z]+)", re.ASCII)


class Sized(Protocol):
    """A picture as its row or as the facts for one: its name, its width and those of its smaller files."""

    @property
    def name(self) -> str:
        """The name of the picture's own file."""
        ...

    @property
    def width(self) -> int:
        """In pixels."""
        ...

    @property
    def widths(self) -> Sequence[int]:
        """Of the smaller files, in pixels, narrowest first."""
        ...


class Fitted(NamedTuple):
    """How a picture is shown: the name of a file that is sharp enough, and its size on the page in pixels."""

    file: str
    width: int
    height: int


def smaller_widths(width: int) -> list[int]:
    """Return the widths for which a picture of ``width`` pixels gets a file of its own, narrowest first.

    One that is hardly narrower would hardly be lighter; for a drawing it would even be heavier.
    """
    return [each for each in WIDTHS if each <= width * WORTHWHILE]


def file_of(image: Sized, width: int) -> str:
    """Return the name of the file of ``width`` pixels; the picture itself has its own."""
    stem, dot, ending = image.name.rpartition(".")
    return image.name if width == image.width else f"{stem}-{width}{dot}{ending}"


def files(image: Sized) -> dict[int, str]:
    """Return the width and name of every file of the picture, narrowest first, itself last."""
    return {width: file_of(image, width) for width in (*image.widths, image.width)}


def fitted(image: Image, width: int, height: int | None = None) -> Fitted:
    """Return how the picture is shown in a box of so many pixels: never larger than it is, twice as fine."""
    share = min(1.0, width / image.width, height / image.height if height else 1.0)
    shown = max(1, round(image.width * share))
    sharp = [each for each in files(image) if each >= 2 * shown]
    file = file_of(image, sharp[0] if sharp else image.width)
    return Fitted(file, shown, max(1, round(image.height * share)))


def original_of(name: str) -> tuple[str, int] | None:
    """Return the picture's own name and the width that the name of a smaller file tells, or None."""
    found = _SMALLER.fullmatch(name)
    return (found["stem"] + found["ending"], int(found["width"])) if found else None
