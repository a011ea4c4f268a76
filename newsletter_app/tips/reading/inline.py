"""Marks for bold, stressed and linked words inside a line that is read as plain text; they live in Unicode's
private use area, where no word of a file is let in.

A rule that looks for a title, a credit or a citation sees the words alone; only what is written as Markdown
carries the marks along.
"""

import re
from collections.abc import Iterator

STRONG, STRONG_END = "\ue000", "\ue001"
STRESS, STRESS_END = "\ue002", "\ue003"
LINK, LINK_END = "\ue004", "\ue005"

_ADDRESS = 0xF0000  # An address hides behind its link, each of its ASCII characters moved up by so much.
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_HIDDEN = re.compile("[\U000f0021-\U000f007e]+")
_WRITABLE = re.compile(r"(?:https?://|mailto:)[!-~]{1,480}", re.IGNORECASE)
# What would end the address too early inside <…>, or open another mark.
_ENDING = str.maketrans({"<": "%3C", ">": "%3E", "\\": "%5C", " ": "%20"})
_LOOSE_START = re.compile(f"([{STRONG}{STRESS}{LINK}])([ \u00a0]+)")
_LOOSE_END = re.compile(f"([ \u00a0]+)([{STRONG_END}{STRESS_END}])")
_EMPTY = re.compile(f"{STRONG}{STRONG_END}|{STRESS}{STRESS_END}|{STRONG_END}{STRONG}|{STRESS_END}{STRESS}")
_PAIRS = {STRONG: STRONG_END, STRESS: STRESS_END}
_OPENINGS = {closing: opening for opening, closing in _PAIRS.items()}
_MARKS = {STRONG: "**", STRONG_END: "**", STRESS: "*", STRESS_END: "*", LINK: "["}


def foreign(text: str) -> str:
    """Text from a file without what could be taken for our marks (icons of a web font, mostly)."""
    return _PRIVATE.sub("", text)


def link_end(address: str) -> str:
    """The end of a link to a web or mail address; "" for an address that no page may link to (S13)."""
    written = address.strip().translate(_ENDING)
    if not _WRITABLE.fullmatch(written):
        return ""
    return LINK_END + "".join(chr(_ADDRESS + ord(letter)) for letter in written)


def words(text: str) -> str:
    """The text without any mark."""
    return _PRIVATE.sub("", text)


def addresses(text: str) -> Iterator[str]:
    """The addresses that the text links to, in their order."""
    return (_shown(found[0]) for found in _HIDDEN.finditer(text))


def as_markdown(text: str) -> str:
    """Escaped text with its marks written as Markdown; those that close or hold nothing are dropped."""
    moved = _LOOSE_END.sub(r"\2\1", _LOOSE_START.sub(r"\2\1", _nested(text)))
    linked = _HIDDEN.sub(
        lambda found: f"(<{_shown(found[0])}>)", _without_empty(moved).replace(LINK_END, "]")
    )
    return _PRIVATE.sub("", "".join(_MARKS.get(letter, letter) for letter in linked))


def _shown(hidden: str) -> str:
    return "".join(chr(ord(letter) - _ADDRESS) for letter in hidden)


def _nested(text: str) -> str:
    """Pairs only, one inside the other: Markdown would show half a pair as stars."""
    kept: list[str] = []
    standing: list[str] = []
    for letter in text:
        if letter in _PAIRS:
            if letter not in standing:
                standing.append(letter)
                kept.append(letter)
        elif letter in _OPENINGS:
            if _OPENINGS[letter] in standing:
                inner = standing[standing.index(_OPENINGS[letter]) + 1 :]
                kept += [*(_PAIRS[one] for one in reversed(inner)), letter, *inner]
                standing.remove(_OPENINGS[letter])
        else:
            kept.append(letter)
    return "".join([*kept, *(_PAIRS[one] for one in reversed(standing))])


def _without_empty(text: str) -> str:
    shorter = _EMPTY.sub("", text)
    return text if shorter == text else _without_empty(shorter)
