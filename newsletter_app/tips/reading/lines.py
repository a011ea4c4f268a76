"""Turns the bytes of a file into numbered, tidy lines; refuses what is no text, holds control characters or
is too long.
"""

import re
from dataclasses import dataclass, replace

from newsletter_app.tips.reading import inline
from newsletter_app.tips.reading.draft import Finding, ImportFault, Unreadable

MAX_BYTES = 1_000_000

_LINE_END = re.compile(r"\r\n|\r|\n")
# Word writes vertical tabs and page breaks, web pages U+2028: they are spaces here, so that lines count as
# editors count.
_SPACE_LIKE = re.compile("[\x0b\x0c\x85\u2028\u2029]")
# Half a surrogate pair is no character: JSON and YAML can spell one, and no database or page can hold it.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# Soft hyphens, zero-width spaces and byte-order marks: web pages hold them, nobody sees them.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_FIXED_SPACES = frozenset("\u00a0\u202f")


@dataclass(frozen=True)
class Line:
    """One line of the file: its number from 1, and its text.

    A file that knows its parts says more: `marked` is the text with its marks (inline.py), `shape` is
    title, heading, subheading, paragraph, text (a paragraph, or a heading that only looks like one), picture
    or caption ("" where nobody knows), `picture` names one.
    """

    number: int
    text: str
    marked: str = ""
    shape: str = ""
    picture: str = ""

    @property
    def written(self) -> str:
        """The text to write, with its marks where it has any."""
        return self.marked or self.text

    @property
    def spelled(self) -> str:
        """The text with the addresses that hide behind its links: a reference is nothing without them."""
        hidden = [
            address for address in inline.addresses(self.marked) if _bare_address(address) not in self.text
        ]
        return " ".join([self.text, *hidden])


def read_lines(content: bytes) -> tuple[tuple[Line, ...], tuple[Finding, ...]]:
    """The lines of a file, untidied, and a finding when it had to be taken for Windows-1252.

    Raises Unreadable: too-long (over 1,000,000 bytes), binary, control-character, not-text.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(ImportFault(1, "too-long"))
    if b"\x00" in content:
        raise Unreadable(ImportFault(_line_of(content, content.index(b"\x00")), "binary"))
    text, findings = _decode(content)
    lines = tuple(Line(at, part) for at, part in enumerate(_LINE_END.split(text), start=1))
    faults = [ImportFault(line.number, "control-character") for line in lines if _CONTROL.search(line.text)]
    if faults:
        raise Unreadable(*faults)
    return lines, findings


def tidy(text: str) -> str:
    """One line as people see it: no unseen characters, single spaces; no-break spaces only where French wants
    them.
    """
    seen = _UNSEEN.sub("", _SPACE_LIKE.sub(" ", text))
    return _SPACES.sub(_space, seen).strip()


def tidy_lines(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The same lines with the same numbers, each tidied."""
    return tuple(
        replace(line, text=tidy(inline.foreign(line.text)), marked=tidy(line.marked)) for line in lines
    )


def without_controls(text: str) -> str:
    """Text that a file may hold as it is: control characters become spaces."""
    return _CONTROL.sub(" ", text)


def _bare_address(address: str) -> str:
    return re.sub(r"^(?:https?://|mailto:)(?:www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")


def _space(match: re.Match[str]) -> str:
    """A pasted page holds no-break spaces at random: one is meant only alone, beside « » : % ° or after a
    digit.
    """
    found = match.group()
    if found not in _FIXED_SPACES:
        return " "
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    meant = before == "«" or before.isdigit() or (after != "" and after in ":;!?»%$€°")
    return "\u00a0" if meant else " "


def _decode(content: bytes) -> tuple[str, tuple[Finding, ...]]:
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as fault:
        at = _line_of(content, fault.start)
    try:
        return content.decode("cp1252"), (Finding(at, "read-as-windows-1252", ""),)
    except UnicodeDecodeError as fault:
        raise Unreadable(ImportFault(_line_of(content, fault.start), "not-text")) from fault


def _line_of(content: bytes, position: int) -> int:
    before = content[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1
