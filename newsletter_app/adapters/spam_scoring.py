"""SpamAssassin on this machine, asked what it makes of one mail; missing, slow or odd, it knows nothing.

Its server is asked by the SPAMC protocol (spamd/PROTOCOL of SpamAssassin). The mail stays on the machine.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from newsletter_app.preflight import SpamScore

# A host and a port, or a socket in the file system.
Place = tuple[str, int] | Path

# Where spamd listens unless told otherwise; below port 1024 only root's programs can.
USUAL: Final = ("127.0.0.1", 783)
TIME_OUT_S: Final = 10.0
LONGEST_ANSWER: Final = 16 * 1024
# A mail that was not sent yet has come by no server. Both rules say so, and neither gives points.
UNSENT: Final = frozenset({"NO_RECEIVED", "NO_RELAYS"})

_REQUEST: Final = b"SYMBOLS SPAMC/1.2\r\nContent-length: %d\r\n\r\n%b"
_STATUS: Final = re.compile(rb"SPAMD/[\d.]+ 0 ")
_SCORE: Final = re.compile(rb"^Spam: \w+ ; (-?\d+(?:\.\d+)?) / ", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*")


class SpamAssassin:
    """Asks the server at a place; None for none."""

    def __init__(self, place: Place | None = USUAL, time_out_s: float = TIME_OUT_S) -> None:
        """Nothing is opened before a mail is asked about."""
        self._place, self._time_out_s = place, time_out_s

    def score(self, message: bytes) -> SpamScore | None:
        """Return what it gives a whole mail (CRLF lines), or None where no such answer is to be had."""
        until = time.monotonic() + self._time_out_s
        with suppress(OSError):
            return _read_answer(self._answer(message, until))
        return None

    def _answer(self, message: bytes, until: float) -> bytes:
        if self._place is None:
            return b""
        with _opened(self._place, self._time_out_s) as connection:
            connection.sendall(_REQUEST % (len(message), message))
            connection.shutdown(socket.SHUT_WR)
            return _read(connection, until)


def _opened(place: Place, time_out_s: float) -> socket.socket:
    """Return a connection. Raises OSError."""
    if isinstance(place, tuple):
        return socket.create_connection(place, time_out_s)
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.settimeout(time_out_s)
        opened.connect(str(place))
    except OSError:
        opened.close()
        raise
    return opened


def _read(connection: socket.socket, until: float) -> bytes:
    """Read to the end, but no more than an answer has. Raises TimeoutError at the moment ``until``."""
    answer = b""
    while len(answer) < LONGEST_ANSWER:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        octets = connection.recv(LONGEST_ANSWER)
        if not octets:
            break
        answer += octets
    return answer


def _read_answer(answer: bytes) -> SpamScore | None:
    head, _, names = answer.partition(b"\r\n\r\n")
    points = _SCORE.search(head)
    if points is None or not _STATUS.match(head):
        return None
    rules = _NAME.findall(names.decode("ascii", "replace"))
    return SpamScore(float(points[1]), tuple(name for name in rules if name not in UNSENT))
