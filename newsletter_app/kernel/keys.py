"""Keys: made once into a private folder, judged for weakness, known again by fingerprint; never printed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HASH: Final = "hash"
LINK: Final = "link"
MIN_CHARACTERS: Final = 32
# A key drawn at random, even in hexadecimal, has more distinct characters than this but once in millions.
MIN_DISTINCT: Final = 8
PLACEHOLDERS: Final = ("change", "secret", "password", "example", "default", "your-", "insecure")


def make_once(folder: Path, name: str) -> str:
    """Return the text of the key file ``folder/name``, made now with 256 random bits if there is none.

    Two processes that race get the same key (see ``write_once``). Raises OSError when the folder
    cannot be written, UnicodeDecodeError when the file is no text.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        write_once(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text(encoding="utf-8").strip()


def write_once(path: Path, text: str) -> bool:
    """Write a file that only its owner can read, whole or not at all; False where there is one already.

    It is written aside and linked into its place, which of two processes only one can do. Raises OSError.
    """
    with _written_aside(path, text) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    _sync_folder(path.parent)
    return True


def replace(path: Path, text: str) -> None:
    """Write a file that only its owner can read, instead of what stood there. Raises OSError."""
    with _written_aside(path, text) as draft:
        draft.replace(path)
    _sync_folder(path.parent)


def weakness(key: str) -> str | None:
    """Return why ``key`` is too weak to start with (short, repetitive, a placeholder), or None."""
    if len(key) < MIN_CHARACTERS:
        return f"has {len(key)} characters; at least {MIN_CHARACTERS} are needed"
    if len(set(key)) < MIN_DISTINCT:
        return "repeats the same few characters"
    if any(word in key.lower() for word in PLACEHOLDERS):
        return "looks like a placeholder"
    return None


def fingerprint(key: bytes) -> str:
    """Return 32 hex digits that tell keys apart and say nothing about them."""
    return hashlib.sha256(b"newsletter key fingerprint:" + key).hexdigest()[:32]


def fingerprints(hash_key: bytes, link_keys: Iterable[bytes]) -> dict[str, str]:
    """Return what the database remembers of these keys, name → fingerprint.

    The hash key's name is ``HASH``; a link key is named by its own fingerprint, so that
    adding one never renames another.
    """
    links = (fingerprint(key) for key in link_keys)
    return {HASH: fingerprint(hash_key)} | {f"{LINK}:{print_}": print_ for print_ in links}


def check_fingerprints(known: Mapping[str, str], mine: Mapping[str, str]) -> tuple[str, ...]:
    """Return one sentence for the operator per key that the database knows and this process lacks.

    Both map name → fingerprint (see ``fingerprints``). The hash key never changes, since every
    suppression is found by it; link keys may be added, but none may go, since old mails carry them.
    An empty result means: start, and record those of ``mine`` that are not yet known.
    """
    return tuple(
        _missing_sentence(name, print_) for name, print_ in sorted(known.items()) if mine.get(name) != print_
    )


def _missing_sentence(name: str, print_: str) -> str:
    if name == HASH:
        return (
            "HASH_KEY is not the key this database was made with: put the old key back"
            f" (fingerprint {print_[:8]}), or restore DATA_DIR/keys from the backup."
        )
    return (
        "LINK_KEYS lacks a key that links in old mails were signed with: add it after the newest one"
        f" (fingerprint {print_[:8]}), or restore DATA_DIR/keys from the backup."
    )


@contextmanager
def _written_aside(path: Path, text: str) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # A key that vanished in a power cut would be made anew, and every link mailed with it would be dead.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
