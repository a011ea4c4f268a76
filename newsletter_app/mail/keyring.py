"""DKIM_DIR: a private file per selector and a list of those in use; refuses files that others can read.

A key never leaves its file but for the memory of the process that signs: no log line, no message and no
database holds any of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from newsletter_app.kernel import keys
from newsletter_app.mail.dkim_keys import ALGORITHMS, Algorithm, KeyRefused, SigningKey, new_key, read_key

_IN_USE: Final = "in-use"
# A selector is a label of the DNS and a file's name; no more is wanted of it.
_SELECTOR: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Keyring:
    """The keys of one folder, and which of them sign what is first sent from now on."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it need not be there."""
        self._folder = folder

    def selectors(self) -> list[str]:
        """Return the selector of every key file, in order."""
        names = (path.stem for path in self._folder.glob("*.pem"))
        return sorted(name for name in names if _SELECTOR.fullmatch(name))

    def find(self, selector: str) -> SigningKey:
        """Return the key of a selector. Raises KeyRefused."""
        path = self._path(selector)
        try:
            return read_key(selector, _private_octets(path))
        except KeyRefused as refused:
            raise KeyRefused(f"{path}: {refused}") from None

    def in_use(self) -> tuple[SigningKey, ...]:
        """Return the keys that sign, RSA before Ed25519; none where none was chosen. Raises KeyRefused."""
        return tuple(map(self.find, self.chosen()))

    def chosen(self) -> tuple[str, ...]:
        """Return the selectors that ``use`` was given last. Raises OSError."""
        path = self._folder / _IN_USE
        return tuple(path.read_text(encoding="ascii").split()) if path.exists() else ()

    def make(self, selector: str, algorithm: Algorithm) -> SigningKey:
        """Make a key; it signs nothing until it is chosen. Raises KeyRefused where there is one already."""
        path = self._path(selector)
        key = new_key(selector, algorithm)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not keys.write_once(path, key.to_pem()):
            raise KeyRefused(f"There is a key {selector} already, and mails may bear it: take another name.")
        return key

    def use(self, selectors: Sequence[str]) -> tuple[SigningKey, ...]:
        """Let these keys, and no others, sign what is first sent from now on. Raises KeyRefused."""
        chosen = sorted(map(self.find, selectors), key=lambda key: ALGORITHMS.index(key.algorithm))
        algorithms = [key.algorithm for key in chosen]
        if len(set(algorithms)) < len(algorithms):
            raise KeyRefused("Two keys of one algorithm would sign twice alike: name one of each at most.")
        if "rsa" not in algorithms:
            raise KeyRefused("Many servers cannot read Ed25519 alone: name an RSA key beside it.")
        keys.replace(self._folder / _IN_USE, "".join(f"{key.selector}\n" for key in chosen))
        return tuple(chosen)

    def _path(self, selector: str) -> Path:
        if not _SELECTOR.fullmatch(selector):
            raise KeyRefused(
                f"{selector!r} is no selector: take small letters, digits and hyphens, such as n2026."
            )
        return self._folder / f"{selector}.pem"


def _private_octets(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode, content = os.fstat(file.fileno()).st_mode, file.read()
    except FileNotFoundError:
        raise KeyRefused("There is no such key file: see flask dkim list, or restore the backup.") from None
    except OSError as fault:
        raise KeyRefused(
            f"This user cannot read it ({fault.strerror}): give it to whoever runs this."
        ) from None
    if mode & 0o077:
        raise KeyRefused("Other users can open it: give it the mode 600.")
    return content
