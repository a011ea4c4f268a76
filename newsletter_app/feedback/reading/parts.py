"""A mail taken apart into its leaves: bounded in octets, depth and parts, whatever the octets are.

Python's own parser nests a generator per level and asks each level about each line: a hostile mail makes it
recurse and crawl. This one reads each octet a few times at most, and stops where a report never goes.
"""

from __future__ import annotations

import binascii
import codecs
import html
import quopri
import re
from dataclasses import dataclass
from typing import Final

from newsletter_app.feedback.reading.fields import Fields

MAX_OCTETS: Final = 1024 * 1024  # A report's words and codes stand before what it returns.
MAX_DEPTH: Final = 6
MAX_PARTS: Final = 60
MAX_TEXT: Final = 200_000  # Characters of one part's text.
MAX_PAGE: Final = 50_000  # Characters of HTML.
MAX_HEAD: Final = 100_000

# Others are read as Latin-1: some of Python's codecs take a second for a line, or are no text at all.
CHARSETS: Final = frozenset({
    *("ascii", "utf-8", "utf-16", "iso8859-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252"),
    *("cp1254", "koi8-r", "koi8-u", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc_jp", "iso2022_jp"),
    "euc_kr",
})  # fmt: skip
_HEAD_END: Final = re.compile(rb"\r?\n[ \t]*\r?\n|\r[ \t]*\r")
_LEADING: Final = re.compile(rb"\A(?:[ \t]*\r?\n)+|\AFrom [^\n]*\n")
_HEAD_CLOSED: Final = re.compile(r"</(?:style|script|head)\s{0,9}>", re.IGNORECASE)
_BREAK: Final = re.compile(r"<(?:br|/?p|/?div|/?li|/?tr|/?h\d)\b[^<>]{0,500}>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf: its own fields, its type, its text, and how many returned messages it stands inside of.

    ``returned`` is 0 for what the reporter wrote; a returned message's own head is a leaf of type
    ``message/rfc822`` with the fields as its text.
    """

    fields: Fields
    type: str
    text: str
    returned: int


def take_apart(raw: bytes) -> tuple[Fields, list[Part]]:
    """Return the fields of the mail and its leaves in the order they stand; never raises."""
    head, body = _cut(_LEADING.sub(b"", raw[:MAX_OCTETS], count=2))
    fields = Fields(_text(head, ""))
    leaves: list[Part] = []
    _gather(fields, body, leaves, depth=0, returned=0)
    return fields, leaves


def shown(page: str) -> str:
    """Return the words that a page of HTML shows, a line per block; enough to be read by a table of words."""
    page = page[:MAX_PAGE]
    head = max((found.end() for found in _HEAD_CLOSED.finditer(page)), default=0)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", page[head:])))


def _gather(fields: Fields, body: bytes, leaves: list[Part], *, depth: int, returned: int) -> None:
    if len(leaves) >= MAX_PARTS:
        return
    kind = fields.token("content-type") or "text/plain"
    boundary = fields.parameter("content-type", "boundary").encode("utf-8", "replace")
    if kind.startswith("multipart/") and boundary and depth < MAX_DEPTH:
        for piece in _pieces(body, boundary):
            head, rest = _cut(piece) if not piece[:1].isspace() else (b"", piece)
            _gather(Fields(_text(head, "")), rest, leaves, depth=depth + 1, returned=returned)
    elif kind in ("message/rfc822", "message/global") and depth < MAX_DEPTH:
        head, rest = _cut(_decoded(fields, body).lstrip())
        within = Fields(_text(head, ""))
        leaves.append(Part(within, "message/rfc822", _text(head, ""), returned + 1))
        _gather(within, rest, leaves, depth=depth + 1, returned=returned + 1)
    else:
        charset = fields.parameter("content-type", "charset")
        leaves.append(Part(fields, kind, _text(_decoded(fields, body), charset)[:MAX_TEXT], returned))


def _cut(octets: bytes) -> tuple[bytes, bytes]:
    """Return head and body (RFC 5322 2.1)."""
    end = _HEAD_END.search(octets)
    if end is None:
        return octets[:MAX_HEAD], b""
    return octets[: min(end.start(), MAX_HEAD)], octets[end.end() :]


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Return the parts between the lines of a boundary (RFC 2046 5.1.1); the last may lack its end."""
    line = re.compile(rb"^--" + re.escape(boundary[:200]) + rb"(--)?[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
    pieces: list[bytes] = []
    start = None
    for found in line.finditer(body):
        if start is not None:
            pieces.append(body[start : found.start()])
        start = found.end()
        if found[1] or len(pieces) >= MAX_PARTS:
            return pieces
    return pieces if start is None else [*pieces, body[start:]]


def _decoded(fields: Fields, body: bytes) -> bytes:
    """Undo base64 or quoted-printable (RFC 2045 6); what is none of either is taken as it stands."""
    encoding = fields.token("content-transfer-encoding")
    if encoding == "base64":
        letters = _NOT_BASE64.sub(b"", body.partition(b"=")[0])
        try:
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _padded(letters))
        except binascii.Error:
            return body
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


def _padded(letters: bytes) -> bytes:
    left = letters[len(letters) // 4 * 4 :]
    return left.ljust(4, b"=") if len(left) > 1 else b""


def _text(octets: bytes, charset: str) -> str:
    for name in (charset, "utf-8") if charset else ("utf-8",):
        try:
            codec = codecs.lookup(name).name
            if codec in CHARSETS:
                return octets.decode(codec, "strict" if codec == "utf-8" else "replace").replace("\0", " ")
        except (LookupError, ValueError):
            continue
    return octets.decode("latin-1").replace("\0", " ")
