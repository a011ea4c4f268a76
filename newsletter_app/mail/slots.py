"""Slot marks: where a per-reader value will stand in a mail; refuses marks that no slot was declared for.

A mark is made of ASCII letters and digits only, so that Jinja's escaping, HTML parsers, CSS inlining and
quoted-printable leave it as it is. Upper and lower case both matter to a true mark, but a look-alike in the
wrong case is refused too, since it is what a careless `|upper` in a template makes of one.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OPENING = "Slot7Qx"
_CLOSING = "Q7tolS"
# No capital but U stands in the middle, so a mark ends at the first other capital, whatever follows it.
_MARK = re.compile(f"{_OPENING}([a-z][a-z0-9U]*){_CLOSING}")
_LOOK_ALIKE = re.compile(re.escape(_OPENING), re.IGNORECASE)


class MarkCollision(ValueError):
    """A mark, or something that looks like one, stands where no declared slot is meant."""


class SlotUnfilled(ValueError):
    """A slot without fallback was given no value, or a value was given for a slot that is not declared."""


@dataclass(frozen=True)
class Slot:
    """A declared slot. `fallback` stands in for a missing or blank value; None: a value must be given."""

    name: str
    fallback: str | None = None

    def __post_init__(self) -> None:
        _check_name(self.name)


def mark(name: str) -> str:
    """Return the mark of slot `name`, which matches `[a-z][a-z0-9_]*`; ValueError otherwise."""
    _check_name(name)
    return f"{_OPENING}{name.replace('_', 'U')}{_CLOSING}"


def split(text: str) -> tuple[str, ...]:
    """Split at the marks: literal, name, literal, name, …, literal. The length is always odd."""
    parts = _MARK.split(text)
    return tuple(part.replace("U", "_") if place % 2 else part for place, part in enumerate(parts))


def find(text: str) -> tuple[str, ...]:
    """Return the names of the slots marked in `text`, in order of standing, with repetitions."""
    return split(text)[1::2]


def contains_mark(text: str) -> bool:
    """Tell whether author text or HTML would be taken for a mark, entities resolved and case ignored.

    Whoever puts foreign text into a mail asks this first and refuses or changes that text: compiling cannot
    know an author's copy of a declared mark from the template's own.
    """
    return _LOOK_ALIKE.search(unescape(text)) is not None


def check(text: str, declared: Collection[str]) -> None:
    """Raise MarkCollision where `text` holds an undeclared mark, or a cut or changed one."""
    parts = split(text)
    undeclared = sorted(set(parts[1::2]) - set(declared))
    if undeclared:
        raise MarkCollision(f"no such slot is declared: {', '.join(undeclared)}")
    if any(_LOOK_ALIKE.search(literal) for literal in parts[::2]):
        raise MarkCollision("the text holds a sequence that looks like a slot's mark but is none")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a slot name: {name!r}")
