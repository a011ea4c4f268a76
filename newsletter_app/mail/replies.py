"""What an SMTP server says and what it means; holds no connection, refuses to keep addresses it quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

MAX_LINE: Final = 4096  # RFC 5321 4.5.3.1.5 says 512 octets; some servers quote long policies.
MAX_LINES: Final = 100
MAX_TEXT: Final = 300  # Characters kept: enough for a person to read, few enough for a ledger's row.

_LINE: Final = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
# The replies to a final dot and to the MAIL, RCPT and DATA behind it, when every one is the usual one.
_STRIDE: Final = re.compile(rb"250 (?:(2\.\d{1,3}\.\d{1,3}) )?(.*)\n250 .*\n250 .*\n354 .*\n")
_ENHANCED: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)\s*")
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class Reply(NamedTuple):
    """One whole reply: its code (200–599), enhanced code such as "5.1.1" (RFC 3463) and text on one line."""

    code: int
    enhanced: str | None
    text: str


class Stage(StrEnum):
    """What was asked when the reply came."""

    rset = "rset"
    mail = "mail"
    rcpt = "rcpt"
    data = "data"
    dot = "dot"
    lone_dot = "lone-dot"
    quit = "quit"


class Verdict(StrEnum):
    """What a reply means at its stage; ``broken`` says that replies and commands are no longer in step."""

    go = "go"
    deferred = "deferred"
    refused = "refused"
    closing = "closing"
    broken = "broken"


def classify(reply: Reply, stage: Stage) -> Verdict:
    """Judge one reply (RFC 5321 4.2.1, 4.3.2).

    421 closes wherever it stands. 503 ("bad sequence") is no verdict on a person: it says that the server
    and we disagree about what is being done, as does a positive reply of the wrong kind.
    """
    if reply.code == 421:
        return Verdict.closing
    if stage in (Stage.quit, Stage.lone_dot):
        return Verdict.go
    if reply.code == 503 or (stage is Stage.rset and reply.code >= 300):
        return Verdict.broken
    if reply.code >= 500:
        return Verdict.refused
    if reply.code >= 400:
        return Verdict.deferred
    wanted = reply.code == 354 if stage is Stage.data else reply.code < 300
    return Verdict.go if wanted else Verdict.broken


def parse_reply(code: int, lines: Sequence[bytes]) -> Reply:
    """Build a Reply from the texts of its lines (after code and separator).

    The enhanced code is taken only when its class is the code's own (RFC 2034 4) and is left out of the text.
    Addresses in the text are blotted out: replies are kept in the ledger and the journal for people to read.
    """
    text = lines[0].decode("utf-8", "replace")
    enhanced = None
    if text[:1] == str(code)[0] and (match := _ENHANCED.match(text)):
        enhanced, text = match[1], text[match.end() :]
    for line in lines[1:]:
        more = line.decode("utf-8", "replace")
        text += " " + (more.removeprefix(enhanced).lstrip() if enhanced else more)
    return Reply(code, enhanced, _cleaned(text))


def _cleaned(text: str) -> str:
    text = text.strip()
    if not text.isprintable() or "  " in text:
        text = _CONTROL.sub(" ", text).strip()
    if "@" in text:
        text = _ADDRESS.sub("(address)", text)
    return text[:MAX_TEXT]


def read_stride(octets: bytes) -> Reply | None:
    """Return the first reply, if the octets are 250 to a dot and 250, 250, 354 to the group behind it."""
    match = _STRIDE.fullmatch(octets)
    if not match or len(octets) > MAX_LINE:
        return None
    enhanced, text = match.groups()
    if not enhanced:
        return parse_reply(250, [text.rstrip(b"\r")])
    return Reply(250, enhanced.decode(), _cleaned(text.decode("utf-8", "replace")))


class ReplyReader:
    """Cuts a stream of bytes into replies; ``broken`` once the stream is no SMTP any more."""

    __slots__ = ("_code", "_lines", "_rest", "broken")

    def __init__(self) -> None:
        """Start at the beginning of a reply."""
        self._rest = b""
        self._code = 0
        self._lines: list[bytes] = []
        self.broken = False

    @property
    def is_amid(self) -> bool:
        """Whether a reply has begun that is not whole yet, or nothing can be read any more."""
        return bool(self._rest or self._lines or self.broken)

    def feed(self, octets: bytes) -> list[Reply]:
        """Return the replies that ``octets`` complete, up to the first line that is no reply line."""
        *lines, self._rest = (self._rest + octets).split(b"\n")
        replies: list[Reply] = []
        for line in lines:
            if self.broken:
                break
            reply = self._read_line(line.rstrip(b"\r"))
            if reply:
                replies.append(reply)
        self.broken = self.broken or len(self._rest) > MAX_LINE
        return replies

    def _read_line(self, line: bytes) -> Reply | None:
        match = _LINE.fullmatch(line)
        # All lines of a reply bear the same code (RFC 5321 4.2.1).
        if not match or len(line) > MAX_LINE or (self._lines and int(match[1]) != self._code):
            self.broken = True
            return None
        self._code = int(match[1])
        self._lines.append(match[3] or b"")
        if match[2] == b"-":
            self.broken = len(self._lines) >= MAX_LINES
            return None
        reply = parse_reply(self._code, self._lines)
        self._lines = []
        return reply
