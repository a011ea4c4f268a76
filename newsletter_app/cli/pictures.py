"""The picture of an imported document: the one given, else what it names in its own archive or folder, else
from --images, else fetched where that was allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, cast
from urllib.parse import unquote, urlsplit

import click

from newsletter_app.adapters.fetching import Fetcher, FetchRefused
from newsletter_app.cli.fetch_words import fetch_words
from newsletter_app.cli.picture_places import Place, own_place, place_of
from newsletter_app.cli.progress import progress
from newsletter_app.cli.read_files import ReadFile
from newsletter_app.imports import NOWHERE


class Lacking(click.ClickException):
    """A picture that is named cannot be had; the sentence says why and what to do."""


class Found(NamedTuple):
    """What a picture is called where it was found, and its bytes."""

    named: str
    content: bytes


class Pictures:
    """Finds the pictures of documents; what it has fetched lies on disk until it is closed."""

    def __init__(
        self,
        *,
        given: Path | None = None,
        below: Path | None = None,
        images: Path | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        """Take ``given`` for every document when it is set, else what each names: from its archive, from
        ``below`` or its own folder, from the folder or zip ``images``, by ``fetcher``.
        """
        self._given = given
        self._below = below
        self._images: Place | None = place_of(images) if images else None
        self._fetcher = fetcher
        # Five hundred pictures of 5 MB each are more than a small machine's memory.
        self._held: TemporaryDirectory[str] | None = None
        self._fetched: dict[str, Path | str] = {}

    @property
    def is_given(self) -> bool:
        """Whether somebody gave the picture by hand."""
        return self._given is not None

    def find(self, file: ReadFile) -> Found | None:
        """Return the picture of ``file``, None where it names none. Raises Lacking, ClickException."""
        if self._given:
            return Found(self._given.name, self._given.read_bytes())
        named = file.draft.image.path if file.draft.image else ""
        return Found(named, self._content(file, named)) if named else None

    def lack(self, file: ReadFile) -> str:
        """Say why the picture of ``file`` cannot be had, "" when it can or when it names none.

        Nothing is fetched to tell: an address counts as had where fetching is allowed.
        """
        named = file.draft.image.path if file.draft.image else ""
        if self._given or not named or (self._fetcher and _is_web(named)):
            return ""
        try:
            self._content(file, named)
        except click.ClickException as refusal:
            return refusal.message
        return ""

    def fetch(self, files: Sequence[ReadFile]) -> None:
        """Fetch what is to be fetched, before anything is saved: nobody's transaction waits for a server."""
        named = [file.draft.image.path for file in files if file.draft.image]
        wanted = [name for name in dict.fromkeys(named) if self._fetcher and _is_web(name)]
        with progress(wanted, "Fetching pictures") as counted:
            for address in counted:
                if self._from_images(urlsplit(address).path) is None:
                    self._fetched[address] = self._fetch(address)

    def close(self) -> None:
        """Let go of what was fetched."""
        if self._held is not None:
            self._held.cleanup()

    def _content(self, file: ReadFile, named: str) -> bytes:
        if named == NOWHERE:
            raise Lacking("the picture itself is not in the file. Give it by --image.")
        if _is_web(named):
            return self._from_images(urlsplit(named).path) or self._from_web(named)
        found = own_place(file, self._below).read(named) or self._from_images(named)
        if found is None:
            raise Lacking(
                f"there is no picture {named}. Put it there, name its folder by --images, or give it by"
                " --image."
            )
        return found

    def _from_images(self, path: str) -> bytes | None:
        """Look for the whole path, then for ever shorter ends of it, down to the bare name."""
        parts = [part for part in unquote(path).split("/") if part not in ("", ".", "..")]
        ends = ["/".join(parts[at:]) for at in range(len(parts))] if self._images else []
        return next((found for end in ends if (found := self._images and self._images.read(end))), None)

    def _from_web(self, address: str) -> bytes:
        if self._fetcher is None:
            raise Lacking(
                f"the picture {address} is on the web. Name a folder that has it by --images, or allow"
                " --fetch-images."
            )
        found = self._fetched.get(address, "it was not fetched.")
        if isinstance(found, str):
            raise Lacking(f"the picture {address} was not fetched: {found}")
        return found.read_bytes()

    def _fetch(self, address: str) -> Path | str:
        """Return the file that holds the picture, or why there is none."""
        whole = f"https:{address}" if address.startswith("//") else address
        try:
            answer = cast(Fetcher, self._fetcher).get(whole)
        except FetchRefused as refused:
            return fetch_words(refused.code)
        if answer.status != 200:
            return f"the server answered {answer.status}."
        self._held = self._held or TemporaryDirectory(prefix="pictures-")
        path = Path(self._held.name) / f"{len(self._fetched)}"
        path.write_bytes(answer.content)
        return path


def _is_web(named: str) -> bool:
    return named.lower().startswith(("http://", "https://", "//"))
