"""DKIM signatures over what a compiled message fills to (RFC 6376, 8301, 8463); it chooses no keys.

Relaxed/relaxed, never `l=`. What all readers share is canonicalised and hashed once, up to the first body
slot; per reader remain a few fields, the octets behind that slot, and the keys' own work.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from newsletter_app.mail.compiled import Compiled, Hole
from newsletter_app.mail.dkim_keys import SigningKey

# Signed once more than they stand, so that one added on the way breaks the signature (section 5.4).
_SEALED = (
    *("from", "to", "cc", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-archive", "list-subscribe"),
    *("list-post", "list-owner", "feedback-id"),
)
# Postmark takes fields of its own out of a mail before it passes it on; a signature over them would break.
_TAKEN_OUT = "x-pm-"
_FIELD_OF = {"to": "to", "date": "date", "message_id": "message-id"}
_HEADER_END = b"\r\n\r\n"
_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")
_WHITE = re.compile(rb"[ \t]+")
_WHITE_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_LINE_ROOM = 75


class Signing:
    """Signs every message that one compiled form fills to (see `Compiled.fill`), once with each key."""

    def __init__(self, compiled: Compiled, keys: Sequence[SigningKey]) -> None:
        """Canonicalise what is the same for all readers; `d=` is the domain of the From field."""
        turn, header, body = _parted(compiled)
        names, self._fields, self._own = _relaxed_header(header)
        self._shared = sha256(relaxed_body(body))
        behind = compiled.pieces[turn + 1 :]
        self._behind = [b"" if isinstance(piece, Hole) else relaxed_body(piece) for piece in behind]
        self._values = [(turn + 1 + at, at) for at, piece in enumerate(behind) if isinstance(piece, Hole)]
        signed = ":".join((*names, *_SEALED))
        self._stamps = [_Stamp(key, compiled.from_domain, signed) for key in keys]

    def fields(self, message: Sequence[bytes], at: datetime) -> bytes:
        """Return the DKIM-Signature fields for a message filled at every hole; `at` (aware) is its `t=`."""
        fields = list(self._fields)
        for index, place, opening in self._own:
            # What headers writes has single spaces, one of them behind the colon, and folds before a space.
            unfolded = message[index].replace(b"\r\n ", b" ")
            fields[place] = opening + unfolded[len(opening) + 1 :]
        signed = b"".join(fields)
        body_hash = self._body_hash(message)
        seconds = b"%d" % int(at.timestamp())
        return b"".join([stamp.field(signed, seconds, body_hash) for stamp in self._stamps])

    def _body_hash(self, message: Sequence[bytes]) -> bytes:
        # A reader's own words are encoded in the relaxed form and have their own lines (see `quote_value`).
        behind = list(self._behind)
        for index, place in self._values:
            behind[place] = message[index]
        whole = self._shared.copy()
        whole.update(b"".join(behind))
        return _base64(whole.digest())


class _OwnField(NamedTuple):
    """A field that differs per reader: its piece, its place among the fields, and its relaxed name."""

    piece: int
    place: int
    opening: bytes


class _Stamp:
    """One key's DKIM-Signature field, its tags in an order that leaves what differs to the end."""

    def __init__(self, key: SigningKey, domain: str, signed: str) -> None:
        names = "\r\n ".join(_lines(signed))
        opening = f"v=1; a={key.algorithm}-sha256; c=relaxed/relaxed; d={domain};\r\n s={key.selector};"
        tags = f"{opening} t=%b;\r\n h={names};\r\n bh=%b;\r\n b=".encode("ascii")
        self._key = key
        self._shown = b"DKIM-Signature: " + tags
        # Each fold is a line end and one space, so that unfolding it leaves the relaxed form.
        self._relaxed = b"dkim-signature:" + tags.replace(b"\r\n", b"")

    def field(self, signed: bytes, seconds: bytes, body_hash: bytes) -> bytes:
        own = seconds, body_hash
        signature = _base64(self._key.sign(signed + self._relaxed % own))
        lines = [signature[at : at + _LINE_ROOM - 3] for at in range(0, len(signature), _LINE_ROOM - 3)]
        return self._shown % own + b"\r\n ".join(lines) + b"\r\n"


def relaxed_field(field: bytes) -> bytes:
    """Return a whole header field in the relaxed form (section 3.4.2), with its line end."""
    name, _, value = field.partition(b":")
    return b"%b:%b\r\n" % (name.lower(), b" ".join(value.split()))


def relaxed_body(octets: bytes) -> bytes:
    """Return whole lines of a body in the relaxed form (section 3.4.4); none may be empty at its end."""
    return _WHITE.sub(b" ", _WHITE_AT_END.sub(b"", octets))


def _parted(compiled: Compiled) -> tuple[int, tuple[bytes | Hole, ...], bytes]:
    """Return which piece holds the line between header and body, the header, and that piece's body."""
    for turn, piece in enumerate(compiled.pieces):
        if isinstance(piece, bytes) and _HEADER_END in piece:
            header, _, body = piece.partition(_HEADER_END)
            return turn, (*compiled.pieces[:turn], header), body
    raise ValueError("the compiled message has no body")


def _relaxed_header(header: Sequence[bytes | Hole]) -> tuple[list[str], list[bytes], list[_OwnField]]:
    """Return the names in order, the relaxed fields (b"" where readers differ), and where readers differ."""
    names: list[str] = []
    fields: list[bytes] = []
    own: list[_OwnField] = []
    for index, piece in enumerate(header):
        if isinstance(piece, Hole):
            name = _FIELD_OF.get(piece.place) or piece.field.lower()
            if name.startswith(_TAKEN_OUT):
                continue
            own.append(_OwnField(index, len(fields), f"{name}:".encode("ascii")))
            names.append(name)
            fields.append(b"")
            continue
        for field in filter(None, _NEXT_FIELD.split(piece)):
            fields.append(relaxed_field(field))
            names.append(fields[-1].partition(b":")[0].decode("ascii"))
    return names, fields, own


def _lines(names: str) -> Iterator[str]:
    """Cut a list of names behind colons into lines that fit."""
    line = ""
    for name in names.split(":"):
        if len(line) + len(name) > _LINE_ROOM - 3:
            yield line
            line = ""
        line += f"{name}:"
    yield line.rstrip(":")


def _base64(octets: bytes) -> bytes:
    return b2a_base64(octets, newline=False)
