"""Two encodings written by hand, quoted-printable bodies and encoded-words; refuses nothing, cleans instead.

The standard library's own writers make body lines of 78 octets and break some French subjects, and both are
too slow to run once per reader.
"""

import re
from base64 import b64encode
from collections.abc import Iterator

SOFT_BREAK = b"=\r\n"

# RFC 2045 section 6.7 allows 76 octets; one is kept free, so that a soft break can follow any last line.
_LINE_ROOM = 75
_GUARDED = (b".", b"From ")
_UNSAFE = re.compile(rb"[^\t -<>-~]")
# What a signature would take for a single space (RFC 6376 section 3.4.4) is encoded in a reader's own words.
_UNSAFE_IN_VALUE = re.compile(rb"[^ -<>-~]|(?<= ) ")
_HEX = {bytes([octet]): b"=%02X" % octet for octet in range(256)}
# A line of words, dates and links that needs no encoding in quoted-printable nor in HTML.
_AS_IT_IS = re.compile(r"(?!From )[A-Za-z0-9](?:[A-Za-z0-9 ,./:_~-]{0,73}[A-Za-z0-9,./:_~-])?")
_PLAIN_TWO_LINES = re.compile(r"(?!\.)[!-<>-~]{75}(?!\.)[!-<>-~]{1,75}")

_LINE_END = re.compile(r"\r\n?")
_NOT_CLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_BODY_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# Unicode's own line ends count as controls in a header: some programs that read mail break lines there.
_HEADER_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SPACES = re.compile(r" {2,}")
_SURROGATE = re.compile("[\ud800-\udfff]")

# RFC 2047 section 5 (3): what an encoded-word within a phrase may show as itself; good for subjects as well.
_Q_UNSAFE = re.compile(rb"[^A-Za-z0-9!*+/-]")
_Q = {**_HEX, b" ": b"_"}
_WORD_ROOM = 75
_WORD_FRAME = len("=?utf-8?q??=")


def clean_body(text: str) -> str:
    """Return `text` with LF line ends, other control characters as spaces, lone surrogates as U+FFFD."""
    if not _NOT_CLEAN.search(text):
        return text
    text = _BODY_CONTROL.sub(" ", _LINE_END.sub("\n", text))
    return _SURROGATE.sub("\ufffd", text)


def clean_header(text: str) -> str:
    """Return `text` on one line: controls and line ends of any kind become spaces, runs of spaces one space.

    A header cannot hold a line end without becoming two headers (RFC 5322 section 2.2), nor runs of spaces
    without trusting every relay on the way not to fold or trim them.
    """
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    text = _SURROGATE.sub("\ufffd", _HEADER_CONTROL.sub(" ", text))
    return _SPACES.sub(" ", text).strip(" ")


def as_it_is(text: str) -> bytes | None:
    """Return the octets of `text` if they are its encoding both as text and as HTML, else None.

    They are for a short word, a date, and a link of the product's own, which most values are.
    """
    return text.encode("ascii") if _AS_IT_IS.fullmatch(text) and "  " not in text else None


def quote_value(text: str) -> bytes:
    """Return any text as `quote` does, in the relaxed form of DKIM: no tab, no two spaces side by side."""
    if _PLAIN_TWO_LINES.fullmatch(text):
        return f"{text[:_LINE_ROOM]}=\r\n{text[_LINE_ROOM:]}".encode("ascii")
    return quote(clean_body(text), _UNSAFE_IN_VALUE)


def quote(text: str, unsafe: re.Pattern[bytes] = _UNSAFE) -> bytes:
    """Return clean `text` as UTF-8 in quoted-printable (RFC 2045 section 6.7), to begin at a line's start.

    Lines end CRLF and hold at most 76 octets; the last has no line end and at most 75, none of them a
    trailing space, so that either a line end or SOFT_BREAK may follow.
    """
    return b"\r\n".join(_quote_line(line, unsafe) for line in text.encode().split(b"\n"))


def _quote_line(line: bytes, unsafe: re.Pattern[bytes]) -> bytes:
    encoded = unsafe.sub(lambda found: _HEX[found[0]], line)
    if encoded.endswith((b" ", b"\t")):
        encoded = encoded[:-1] + _HEX[encoded[-1:]]
    if len(encoded) <= _LINE_ROOM and not encoded.startswith(_GUARDED):
        return encoded
    return SOFT_BREAK.join(_cut(encoded))


def _cut(encoded: bytes) -> Iterator[bytes]:
    """Cut one encoded line into pieces, never within an escape.

    A dot or "From " at the start of a piece is escaped as well: relays and mailbox files that mishandle
    either are old, but not gone (RFC 2049 section 3).
    """
    start, length = 0, len(encoded)
    while True:
        guard = b""
        if encoded.startswith(_GUARDED, start):
            guard = _HEX[encoded[start : start + 1]]
            start += 1
        end = start + _LINE_ROOM - len(guard)
        if end >= length:
            yield guard + encoded[start:]
            return
        escape = encoded.find(b"=", end - 2, end)
        end = end if escape < 0 else escape
        yield guard + encoded[start:end]
        start = end


def encoded_words(text: str, first_room: int) -> list[str]:
    """Return clean, non-empty `text` as encoded-words (RFC 2047), the first at most `first_room` octets long.

    The others have at most 75 octets. Each holds whole characters; all use Q or all use B, whichever is
    shorter for the whole text. `first_room` must leave place for one character: at least 24.
    """
    octets = text.encode()
    room = min(first_room, _WORD_ROOM) - _WORD_FRAME
    q_size, b_size = len(_q(octets)), -(-len(octets) // 3) * 4
    by_q = q_size <= b_size
    if min(q_size, b_size) <= room:
        return [_encoded_word(octets, by_q)]
    words, held, size = [], b"", 0
    for char in map(str.encode, text):
        # What B takes is known by whole groups of three octets, what Q takes by each octet.
        grown = size + len(_q(char) if by_q else char)
        if (grown if by_q else -(-grown // 3) * 4) > room:
            words.append(_encoded_word(held, by_q))
            held, room = b"", _WORD_ROOM - _WORD_FRAME
            grown = len(_q(char) if by_q else char)
        held, size = held + char, grown
    return [*words, _encoded_word(held, by_q)]


def _encoded_word(octets: bytes, by_q: bool) -> str:
    payload = (_q(octets) if by_q else b64encode(octets)).decode("ascii")
    return f"=?utf-8?{'q' if by_q else 'b'}?{payload}?="


def _q(octets: bytes) -> bytes:
    return _Q_UNSAFE.sub(lambda found: _Q[found[0]], octets)
