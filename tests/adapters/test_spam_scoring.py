"""Asking SpamAssassin: what it answers is told; whatever else happens nothing is known and nothing fails."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from newsletter_app.adapters.spam_scoring import LONGEST_ANSWER, SpamAssassin
from newsletter_app.preflight import SpamScore
from tests.fakes.spam_filter import read_all, saying, spam_filter

MAIL = b"Subject: Walk\r\n\r\n.\r\nHello\r\n"
HEAD = b"SPAMD/1.1 0 EX_OK\r\nContent-length: 42\r\n"
CLEAN = HEAD + b"Spam: False ; 1.2 / 5.0\r\n\r\nAN_OLD_RULE,NO_RELAYS\r\n"


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (
            HEAD + b"Spam: False ; 1.2 / 5.0\r\n\r\nHTML_MESSAGE,NO_RELAYS\r\n",
            SpamScore(1.2, ("HTML_MESSAGE",)),
        ),
        (
            HEAD + b"Spam: True ; 1004.6 / 5.0\r\n\r\nGTUBE,NO_RECEIVED,__A1",
            SpamScore(1004.6, ("GTUBE", "__A1")),
        ),
        (HEAD + b"Spam: False ; -0.0 / 5.0\r\n\r\n\r\n", SpamScore(0.0, ())),
        (HEAD + b"Spam: False ; 3 / 5.0\r\n\r\nA\xff\x1b[31m,B", SpamScore(3.0, ("A", "B"))),
        (b"SPAMD/1.0 76 Bad header line\r\n\r\n", None),
        (b"SPAMD/1.1 79 Timeout\r\nSpam: False ; 1.2 / 5.0\r\n\r\nA", None),
        (HEAD + b"Spam: False ; many / 5.0\r\n\r\nA", None),
        (HEAD, None),
        (b"220 mail.example.org ESMTP\r\n", None),
        (b"", None),
    ],
)
def test_an_answer(answer: bytes, score: SpamScore | None) -> None:
    # M58
    with spam_filter(saying(answer)) as place:
        assert SpamAssassin(place).score(MAIL) == score


def test_what_is_asked() -> None:
    heard: list[bytes] = []
    with spam_filter(lambda connection: heard.append(read_all(connection))) as place:
        SpamAssassin(place).score(MAIL)
    assert heard == [b"SYMBOLS SPAMC/1.2\r\nContent-length: 27\r\n\r\n" + MAIL]


def test_an_answer_without_end_is_not_read_to_it() -> None:
    def say_for_ever(connection: socket.socket) -> None:
        read_all(connection)
        connection.sendall(CLEAN)
        with pytest.raises(OSError, match=r"reset|pipe"):
            while True:
                connection.sendall(b",A_RULE" * LONGEST_ANSWER)

    with spam_filter(say_for_ever) as place:
        score = SpamAssassin(place, time_out_s=1).score(MAIL)
    assert score is not None
    assert len(score.rules) < LONGEST_ANSWER


def test_a_sign_now_and_then_does_not_keep_anybody() -> None:
    gone = threading.Event()

    def say_slowly(connection: socket.socket) -> None:
        read_all(connection)
        for sign in CLEAN:
            if gone.wait(0.02):
                return
            connection.sendall(bytes([sign]))

    with spam_filter(say_slowly) as place:
        assert SpamAssassin(place, time_out_s=0.1).score(MAIL) is None
        gone.set()


def test_where_there_is_none_nothing_is_known(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        gone = listening.getsockname()
    for place in (gone, tmp_path / "socket", None):
        assert SpamAssassin(place).score(MAIL) is None
