"""Named values from an environment, each read once with its fault in words; it decides nothing with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

SITE: Final = re.compile(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::\d{1,5})?", re.IGNORECASE)
DOMAIN: Final = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}",
    re.IGNORECASE,
)

Default = TypeVar("Default", Path, None)


class Environment:
    """Reads names and gathers ``faults``, so that an operator is told all of them together."""

    def __init__(self, given: Mapping[str, str], root: Path) -> None:
        """Keep the values (empty ones count as unset) and the folder that relative paths begin at."""
        self._given = {name: text.strip() for name, text in given.items() if text and text.strip()}
        self._root = root
        self.faults: list[str] = []

    def fault(self, sentence: str) -> None:
        """Add one sentence for the operator; a sentence already told is not told again."""
        if sentence not in self.faults:
            self.faults.append(sentence)

    def text(self, name: str, default: str = "") -> str:
        """Return the value of ``name``, or ``default``."""
        return self._given.get(name, default)

    def secret(self, name: str) -> str:
        """Return the value of ``name`` or what the file ``NAME_FILE`` names holds; "" when neither is set."""
        path = self._given.get(f"{name}_FILE")
        if path is None:
            return self.text(name)
        if name in self._given:
            self.fault(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return self._absolute(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self.fault(
                f"{name}_FILE names {path}, which cannot be read: name a text file this user may read."
            )
            return ""

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return the whole number ``name``, between ``low`` and ``high`` inclusive."""
        text = self.text(name, str(default))
        # isdecimal() alone would let through digits of other scripts.
        if text.isascii() and text.isdecimal() and low <= int(text) <= high:
            return int(text)
        self.fault(f"{name} is {text!r}: give a whole number from {low} to {high}.")
        return default

    def one_of(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return which of the (upper-case) ``choices`` the value is, in whatever case it was written."""
        text = self.text(name, default).upper()
        if text in choices:
            return text
        self.fault(f"{name} is {text!r}: give one of {', '.join(choices)}.")
        return default

    def folder(self, name: str, default: Default) -> Path | Default:
        """Return the absolute path of the folder ``name``; whether it exists is not asked."""
        return self._absolute(self._given[name]) if name in self._given else default

    def certificate(self, name: str) -> tuple[Path, Path] | None:
        """Return the files of a certificate and of its key, which ``name`` lists; nobody opens them here."""
        files = self.text(name).split()
        if len(files) not in (0, 2):
            self.fault(f"{name} names {len(files)} files: name two, the certificate's and the key's.")
        return (self._absolute(files[0]), self._absolute(files[1])) if len(files) == 2 else None

    def domain(self, name: str, default: str) -> str:
        """Return the full domain name ``name``, in lower case (RFC 1123 2.1)."""
        text = self.text(name, default).lower().rstrip(".")
        if not DOMAIN.fullmatch(text):
            self.fault(f"{name} is {text!r}: give a full domain name, such as mail.example.ca.")
        return text

    def sites(self, name: str) -> tuple[str, ...]:
        """Return the sites ``name`` lists, each scheme and host as a policy spells it (RFC 6454 6.2)."""
        listed = [site.rstrip("/") for site in self.text(name).split()]
        for site in listed:
            # It stands in a header, where a semicolon would begin another rule.
            if not SITE.fullmatch(site):
                self.fault(f"{name} has {site!r}: write it as https://charity.example, without a path.")
        return tuple(listed)

    def _absolute(self, path: str) -> Path:
        return (self._root / Path(path).expanduser()).resolve()
