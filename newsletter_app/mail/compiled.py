"""A compiled message and its filling per reader; refuses unfilled slots and what its fields cannot hold.

No template engine and no parser runs here: filling is a handful of short encodings and one join.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import escape
from typing import Protocol

from newsletter_app.mail import headers
from newsletter_app.mail.encoding import as_it_is, quote_value
from newsletter_app.mail.slots import Slot, SlotUnfilled
from newsletter_app.mail.sound import Message, Seams

_VERSION = 1
_PLACES = frozenset({"to", "date", "message_id", "unstructured", "raw", "text", "html"})


class CompiledRefused(ValueError):
    """Stored octets are no compiled message that this version can read."""


@dataclass(frozen=True)
class Hole:
    """A place to fill. `parts` is the slot's name in a body; in a field its `slots.split` value."""

    place: str
    field: str = ""
    parts: tuple[str, ...] = ()


class Signer(Protocol):
    """What writes fields above a filled message that vouch for the rest of it."""

    def fields(self, message: Sequence[bytes], at: datetime) -> bytes:
        """Return whole fields for the pieces of a message, every hole filled."""
        ...


@dataclass(frozen=True)
class Compiled:
    """A compiled message: octets and holes in order, and the declared slots."""

    pieces: tuple[bytes | Hole, ...]
    slots: tuple[Slot, ...]

    def fill(
        self,
        *,
        to_address: str,
        to_name: str,
        date: datetime,
        message_id: str,
        values: Mapping[str, str],
        signer: Signer | None = None,
    ) -> Message:
        """Return the message for one reader; the same arguments give the same octets for ever.

        It is in parts, most of which all readers share. `date` is aware, `message_id` is `<left@fqdn>`.
        Raises SlotUnfilled for a slot that has neither value nor fallback and for a value no slot is declared
        for, HeaderRefused for what no header can hold.
        """
        filled = self._filled(values)
        message = list(self._octets)
        plain = {name: as_it_is(value) for name, value in filled.items()}
        self._fill_bodies(message, filled, plain)
        for index, place, hole in self._fields:
            if place == "to":
                message[index] = headers.address_field("To", to_name, to_address)
            elif place == "date":
                message[index] = headers.date_field(date)
            elif place == "message_id":
                message[index] = headers.message_id_field(message_id)
            else:
                message[index] = _fill_field(hole, filled, plain)
        message.insert(0, signer.fields(message, date) if signer is not None else b"")
        return self._seams.join(message)

    @cached_property
    def from_domain(self) -> str:
        """The domain of the From field, which compiling writes first of all and alone."""
        return self._octets[0].rpartition(b"@")[2].rstrip(b">\r\n").decode("ascii")

    def shows(self, slot: str) -> bool:
        """Tell whether a slot is marked anywhere, so that its value is of use."""
        return slot in self._used

    def to_bytes(self) -> bytes:
        """Return a compact, versioned form (JSON) to be stored; equal messages give equal octets."""
        stored = {
            "version": _VERSION,
            "slots": [[slot.name, slot.fallback] for slot in self.slots],
            "pieces": [_stored_piece(piece) for piece in self.pieces],
        }
        return json.dumps(stored, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Compiled":
        """Read back what `to_bytes` gave; CompiledRefused for anything else."""
        try:
            read = json.loads(stored)
            if read["version"] != _VERSION:
                raise ValueError(f"version {read['version']}")
            pieces = tuple(_read_piece(piece) for piece in read["pieces"])
            return cls(pieces, tuple(Slot(name, fallback) for name, fallback in read["slots"]))
        except (KeyError, TypeError, ValueError) as fault:
            raise CompiledRefused(f"not a compiled message of version {_VERSION}: {fault}") from fault

    def _fill_bodies(
        self, message: list[bytes], filled: Mapping[str, str], plain: Mapping[str, bytes | None]
    ) -> None:
        """Fill the holes of both parts; `plain` has the octets of each value that needs no encoding."""
        for name, text_holes, html_holes in self._bodies:
            in_text = in_html = plain[name]
            if in_text is None or in_html is None:
                in_text, in_html = quote_value(filled[name]), quote_value(escape(filled[name]))
            for index in text_holes:
                message[index] = in_text
            for index in html_holes:
                message[index] = in_html

    def _filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return what each used slot shows: its value, or its fallback where that is missing or blank."""
        fallbacks = self._fallbacks
        if not values.keys() <= fallbacks.keys():
            raise SlotUnfilled(f"no such slot is declared: {', '.join(sorted(values.keys() - fallbacks))}")
        filled = {}
        for name in self._used:
            value: str | None = values.get(name, "")
            if not value or value.isspace():
                value = fallbacks[name]
            if value is None:
                raise SlotUnfilled(f"slot {name} has neither a value nor a fallback")
            filled[name] = value
        return filled

    @cached_property
    def _fallbacks(self) -> dict[str, str | None]:
        return {slot.name: slot.fallback for slot in self.slots}

    @cached_property
    def _octets(self) -> list[bytes]:
        return [b"" if isinstance(piece, Hole) else piece for piece in self.pieces]

    @cached_property
    def _seams(self) -> Seams:
        # A signature stands before all pieces; what it says of itself is looked at like a reader's own words.
        return Seams([None, *(None if isinstance(piece, Hole) else piece for piece in self.pieces)])

    @cached_property
    def _fields(self) -> list[tuple[int, str, Hole]]:
        return [
            (index, hole.place, hole) for index, hole in self._holes() if hole.place not in ("text", "html")
        ]

    @cached_property
    def _bodies(self) -> list[tuple[str, list[int], list[int]]]:
        """Each body slot with its holes, so that a link that stands thrice is encoded once."""
        grouped: dict[str, dict[str, list[int]]] = {}
        for index, hole in self._holes():
            if hole.place in ("text", "html"):
                grouped.setdefault(hole.parts[0], {"text": [], "html": []})[hole.place].append(index)
        return [(name, at["text"], at["html"]) for name, at in grouped.items()]

    @cached_property
    def _used(self) -> list[str]:
        in_fields = {name for _, _, hole in self._fields for name in hole.parts[1::2]}
        return sorted(in_fields.union(name for name, _, _ in self._bodies))

    def _holes(self) -> Iterator[tuple[int, Hole]]:
        return ((index, piece) for index, piece in enumerate(self.pieces) if isinstance(piece, Hole))


def _fill_field(hole: Hole, filled: Mapping[str, str], plain: Mapping[str, bytes | None]) -> bytes:
    parts = list(hole.parts)
    names = parts[1::2]
    parts[1::2] = [filled[name] for name in names]
    value = "".join(parts)
    if hole.place != "raw":
        return headers.text_field(hole.field, value)
    for name in names:
        if plain[name] is None or " " in filled[name]:
            headers.check_raw_value(name, filled[name])
    return headers.raw_field(hole.field, value)


def _stored_piece(piece: bytes | Hole) -> str | list[object]:
    if isinstance(piece, Hole):
        return [piece.place, piece.field, list(piece.parts)]
    return piece.decode("ascii")


def _read_piece(stored: object) -> bytes | Hole:
    match stored:
        case str(octets):
            return octets.encode("ascii")
        case [str(place), str(field), list(parts)] if place in _PLACES:
            return Hole(place, field, tuple(map(str, parts)))
    raise TypeError("neither octets nor a hole")
