"""Pictures that a command keeps before its transaction begins; what nothing was saved of is gone after it."""

from __future__ import annotations

import hashlib
from types import TracebackType
from typing import Self

import click
from sqlalchemy.orm import Session

from newsletter_app import media
from newsletter_app.media import Image, Kept
from newsletter_app.web.ports import ports


class KeptPictures:
    """The pictures of one command, each once, in a block that ends after the transaction that saves them.

    A process that is killed in between leaves files that no row names, and nothing else.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[str, Kept] = {}
        self._saved: set[str] = set()

    def keep(self, content: bytes, named: str) -> Kept:
        """Keep a picture; no transaction may be open. Raises ImageFault, ClickException."""
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self._kept:
            try:
                self._kept[sha256] = media.keep(ports().unit_of_work, ports().shelf, content)
            except OSError as fault:
                raise click.ClickException(f"the picture {named} cannot be kept ({fault}).") from fault
        return self._kept[sha256]

    def record(self, session: Session) -> dict[str, Image]:
        """Write the rows of all of them, and return each by its picture's ``sha256``."""
        now = ports().clock()
        # In one order everywhere: two imports with the same pictures never wait for each other in a circle.
        images = {each: media.record(session, self._kept[each], now) for each in sorted(self._kept)}
        self._saved = {image.name for image in images.values()}
        return images

    def __enter__(self) -> Self:
        """Begin the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Discard what no row has: all that is new after an error, else what somebody else had first."""
        saved = self._saved if kind is None else set()
        for kept in self._kept.values():
            if kept.name not in saved:
                media.discard(ports().shelf, kept)
