"""A strict reader of mail in octets, independent of the product and of `email`; refuses whatever is unlawful.

It reads only the shape this product writes, one multipart/alternative of two quoted-printable parts, and
raises Unlawful with the number of the requirement for the least departure from the rules.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
UNENCODED = re.compile(r"(?:list-.*|message-id|date|mime-version|content-.*)", re.IGNORECASE)
ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9-]+)\?([QqBb])\?([!->@-~]+)\?=")
ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
MAILBOX_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d:\d\d \+0000"
)


class Unlawful(AssertionError):
    """The octets break a rule of the mail formats."""


@dataclass(frozen=True)
class StrictMessage:
    """Fields in order, unfolded; the two bodies decoded."""

    fields: tuple[tuple[str, str], ...]
    text: str
    html: str

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def one(self, name: str) -> str:
        values = self.all(name)
        demand(len(values) == 1, "M3", f"{name} stands {len(values)} times")
        return values[0]

    @property
    def subject(self) -> str:
        return decode_unstructured(self.one("Subject"))

    def mailbox(self, name: str) -> tuple[str, str]:
        return decode_mailbox(self.one(name))


def demand(lawful: bool, number: str, why: str) -> None:
    if not lawful:
        raise Unlawful(f"{number}: {why}")


def parse(raw: bytes) -> StrictMessage:
    """Read a whole message or raise Unlawful."""
    check_octets(raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = read_fields(head.decode("ascii"))
    message = StrictMessage(tuple(fields), *read_alternative(fields, body.decode("ascii")))
    check_counts(message)
    return message


def check_octets(raw: bytes) -> None:
    demand(raw.endswith(b"\r\n"), "M1", "the last line has no end")
    rest = raw.replace(b"\r\n", b"")
    demand(b"\r" not in rest and b"\n" not in rest, "M1", "a bare CR or LF")
    demand(b"\0" not in raw, "M1", "a NUL")
    demand(max(raw) < 0x7F, "M8", "an octet above 126")
    demand(not re.search(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]", raw), "M1", "a control character")
    demand(max(map(len, raw.split(b"\r\n"))) <= 998, "M2", "a line over 998 octets")


def read_fields(head: str) -> list[tuple[str, str]]:
    fields: list[tuple[str, list[str]]] = []
    for line in head.split("\r\n"):
        demand(line.strip() != "", "M2", "a header line of white space only")
        demand(line == line.rstrip(), "M2", "a header line ends in white space")
        if line[0] in " \t":
            demand(bool(fields), "M2", "the first line is a continuation")
            fields[-1][1].append(line)
        else:
            match = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*):( .*)?", line)
            demand(match is not None, "M3", f"not a header field: {line[:40]!r}")
            assert match is not None
            fields.append((match[1], [match[2] or ""]))
    for name, lines in fields:
        check_folding(name, lines)
        check_encoded_words(name, lines)
    return [(name, "".join(lines).removeprefix(" ")) for name, lines in fields]


def check_folding(name: str, lines: list[str]) -> None:
    for place, line in enumerate(lines):
        whole = f"{name}:{line}" if place == 0 else line
        if len(whole) > 78:
            demand(" " not in line.strip(), "M2", f"{name} could be folded")
            demand(1 + len(line.strip()) > 78, "M2", f"{name} could be folded at its start")


def check_encoded_words(name: str, lines: list[str]) -> None:
    if not any("=?" in line for line in lines):
        return
    demand(not UNENCODED.fullmatch(name), "M6", f"an encoded-word in {name}")
    for place, line in enumerate(lines):
        if "=?" not in line:
            continue
        demand(len(line) + (len(name) + 1 if place == 0 else 0) <= 76, "M6", "a line over 76")
        demand('"' not in line, "M6", "quotes beside an encoded-word")
        for word in line.split():
            if "=?" in word:
                demand(ENCODED_WORD.fullmatch(word) is not None, "M6", f"no encoded-word: {word!r}")
                demand(len(word) <= 75, "M6", "an encoded-word over 75")


def decode_word(word: str) -> str:
    """Decode one encoded-word on its own: it must hold whole characters."""
    match = ENCODED_WORD.fullmatch(word)
    demand(match is not None, "M6", f"no encoded-word: {word!r}")
    assert match is not None
    charset, scheme, payload = match.groups()
    if scheme in "Bb":
        octets = base64.b64decode(payload, validate=True)
    else:
        demand(re.fullmatch(r"(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})+", payload) is not None, "M6", "bad Q")
        hexed = payload.replace("_", " ").encode()
        octets = re.sub(rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), hexed)
    return octets.decode(charset)


def decode_unstructured(value: str) -> str:
    """Decode words, dropping the white space between neighbours that are both encoded."""
    shown, last_encoded = "", False
    for place, word in enumerate(value.split(" ")):
        encoded = word.startswith("=?")
        shown += " " if place and not (encoded and last_encoded) else ""
        shown += decode_word(word) if encoded else word
        last_encoded = encoded
    return shown


def decode_mailbox(value: str) -> tuple[str, str]:
    """Read `name <address>` or a bare address; the name as atoms, one quoted-string, or encoded-words."""
    match = re.fullmatch(r"(?:(.+) )?<([^<>]+)>|([^<> ]+)", value, re.DOTALL)
    demand(match is not None, "M6", f"not one mailbox: {value[:60]!r}")
    assert match is not None
    address = match[2] or match[3]
    demand(MAILBOX_ADDRESS.fullmatch(address) is not None, "M6", f"not an address: {address!r}")
    phrase = match[1] or ""
    if phrase.startswith('"'):
        quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', phrase)
        demand(quoted is not None, "M6", f"broken quotes: {phrase!r}")
        assert quoted is not None
        return re.sub(r"\\(.)", r"\1", quoted[1]), address
    if phrase.startswith("=?"):
        return decode_unstructured(phrase), address
    for word in phrase.split():
        demand(ATOM.fullmatch(word) is not None, "M6", f"specials outside quotes: {word!r}")
    return phrase, address


def read_alternative(fields: list[tuple[str, str]], body: str) -> tuple[str, str]:
    kind = {name.lower(): value for name, value in fields}.get("content-type", "")
    match = re.fullmatch(r'multipart/alternative; boundary="([A-Za-z0-9=_]{1,70})"', kind)
    demand(match is not None, "M7", f"not multipart/alternative: {kind!r}")
    assert match is not None
    marks = [line for line in body.split("\r\n") if line.startswith(f"--{match[1]}")]
    opening = f"--{match[1]}"
    demand(marks == [opening, opening, f"{opening}--"], "M7", "the boundary stands in the content")
    demand(body.count(match[1]) == 3, "M7", "the boundary stands in the content")
    before, plain, html = body.split(f"{opening}\r\n")
    html, _, after = html.partition(f"\r\n{opening}--\r\n")
    demand(before == "" and after == "", "M7", "text outside the parts")
    # The CRLF before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
    return read_part("text/plain", plain.removesuffix("\r\n")), read_part("text/html", html)


def read_part(kind: str, part: str) -> str:
    head, _, content = part.partition("\r\n\r\n")
    fields = {name.lower(): value for name, value in read_fields(head)}
    demand(fields.get("content-type") == f"{kind}; charset=utf-8", "M7", f"no {kind} with charset")
    demand(fields.get("content-transfer-encoding") == "quoted-printable", "M8", "not quoted-printable")
    return decode_quoted_printable(content)


def decode_quoted_printable(content: str) -> str:
    octets = bytearray()
    lines = content.split("\r\n")
    for place, line in enumerate(lines):
        demand(len(line) <= 76, "M8", f"a quoted-printable line of {len(line)}")
        demand(not line.endswith((" ", "\t")), "M8", "a space at a line's end")
        demand(re.fullmatch(r"(?:[\t -<>-~]|=[0-9A-F]{2})*=?", line) is not None, "M8", f"bad line {line!r}")
        soft = line.endswith("=")
        demand(not soft or place < len(lines) - 1, "M8", "a soft break at the end")
        raw = line.removesuffix("=").encode()
        octets += re.sub(rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), raw)
        octets += b"" if soft or place == len(lines) - 1 else b"\n"
    return octets.decode("utf-8")


def check_counts(message: StrictMessage) -> None:
    for name in ONCE:
        message.one(name)
    names = {name.lower() for name, _ in message.fields}
    for name in names:
        if name.startswith("list-") or name in ("reply-to", "sender"):
            demand(len(message.all(name)) == 1, "M3", f"{name} is repeated")
    demand(message.one("MIME-Version") == "1.0", "M7", "MIME-Version")
    demand(DATE.fullmatch(message.one("Date")) is not None, "M4", "Date")
    demand(
        re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+>", message.one("Message-ID")) is not None, "M5", "id"
    )
    message.mailbox("From")
    message.mailbox("To")
    message.subject.encode()
