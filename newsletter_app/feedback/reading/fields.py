"""Header fields of any octets: unfolded, decoded, found by name; nothing that stands there raises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Final

MAX_FIELDS: Final = 400
MAX_VALUE: Final = 2000  # Characters of one value; longer ones are cut.

_LINE: Final = re.compile(r"\r\n|\r|\n")
_NAME: Final = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_BRACKETED: Final = re.compile(r"<([^<>\s@]{0,250}@[^<>\s@]{1,255})>")
_BARE: Final = re.compile(r"[^\s<>\"'(),;:@]{1,64}@[^\s<>\"'(),;:@]{1,255}")


class Fields:
    """The fields of a message, of a part or of a block of a report, in the order they stand."""

    def __init__(self, text: str) -> None:
        """Read as many lines as look like fields; a line that is none ends nothing and says nothing."""
        self._pairs: list[tuple[str, str]] = []
        for line in _LINE.split(text):
            if line[:1] in (" ", "\t") and self._pairs:
                name, value = self._pairs[-1]
                self._pairs[-1] = (name, f"{value} {line.strip()}"[:MAX_VALUE])
            elif (match := _NAME.match(line)) and len(self._pairs) < MAX_FIELDS:
                self._pairs.append((match[1].lower(), match[2].strip()[:MAX_VALUE]))

    def __bool__(self) -> bool:
        """Whether there is any field."""
        return bool(self._pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield name (lower-case) and value, raw."""
        return iter(self._pairs)

    def all(self, name: str) -> list[str]:
        """Return the raw values of every field of this name."""
        return [value for known, value in self._pairs if known == name]

    def raw(self, name: str) -> str:
        """Return the first value as it stands, "" where there is none."""
        return next((value for known, value in self._pairs if known == name), "")

    def words(self, name: str) -> str:
        """Return the first value with its encoded words (RFC 2047) decoded, as far as they can be."""
        value = self.raw(name)
        if "=?" not in value:
            return value
        try:
            return str(make_header(decode_header(value)))
        except (MessageError, ValueError, LookupError):
            return value

    def token(self, name: str) -> str:
        """Return what stands before the first ";", parameters left out, in lower case."""
        return self.raw(name).partition(";")[0].strip().lower()

    def parameter(self, name: str, key: str) -> str:
        """Return a parameter of a value (RFC 2045 5.1), "" where it has none."""
        found = re.search(rf';\s*{key}\s*=\s*(?:"([^"]*)"|([^\s;"]+))', self.raw(name), re.IGNORECASE)
        return (found[1] or found[2] or "") if found else ""

    def addresses(self, name: str) -> list[str]:
        """Return every address in the values of this name, lower-case; comments and names are left out."""
        return [address for value in self.all(name) for address in addresses_in(value)]


def addresses_in(value: str) -> list[str]:
    """Return the addresses that stand in ``value``, lower-case, those in angle brackets first."""
    found = _BRACKETED.findall(value) or _BARE.findall(value)
    return [address.lower() for address in found]
