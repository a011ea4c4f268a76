"""Replies are read as servers write them, and mean what RFC 5321 says at their stage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail.replies import Reply, ReplyReader, Stage, Verdict, classify
from newsletter_app.mail.transport import Result, result_of

READ = [
    (b"250 2.1.0 Ok\r\n", [Reply(250, "2.1.0", "Ok")]),
    (b"250 Ok\r\n", [Reply(250, None, "Ok")]),
    (b"250\r\n", [Reply(250, None, "")]),
    (b"354 End data with <CR><LF>.<CR><LF>\r\n", [Reply(354, None, "End data with <CR><LF>.<CR><LF>")]),
    (b"550-5.1.1 No such\r\n550 5.1.1 user here\r\n", [Reply(550, "5.1.1", "No such user here")]),
    (b"550-No such\r\n550 user here\r\n", [Reply(550, None, "No such user here")]),
    (b"421 4.7.0 Try\tlater \xc3\xa9\xff\r\n", [Reply(421, "4.7.0", "Try later é\ufffd")]),
    # A class that is not the code's own is no enhanced code (RFC 2034 4); neither is a version or an IP.
    (b"550 4.1.1 odd\r\n", [Reply(550, None, "4.1.1 odd")]),
    (b"250 2.0.0.1 Ok\r\n", [Reply(250, None, "2.0.0.1 Ok")]),
    (b"250 2.0.0\r\n", [Reply(250, "2.0.0", "")]),
    (b"250 a\n250 b\n", [Reply(250, None, "a"), Reply(250, None, "b")]),
]


@pytest.mark.parametrize(("octets", "replies"), READ)
def test_replies_with_and_without_enhanced_codes_are_read(octets: bytes, replies: list[Reply]) -> None:  # M14
    reader = ReplyReader()
    assert reader.feed(octets) == replies
    assert not reader.broken


@given(st.lists(st.integers(0, 40)))
def test_where_the_octets_are_cut_does_not_matter(cuts: list[int]) -> None:
    octets = b"".join(octets for octets, _ in READ)
    wanted = [reply for _, replies in READ for reply in replies]
    reader, found, at = ReplyReader(), [], 0
    for cut in [*cuts, len(octets)]:
        found += reader.feed(octets[at : at + cut])
        at += cut
    assert found == wanted


@pytest.mark.parametrize(
    "octets",
    [
        b"hello\r\n",
        b"99 no\r\n",
        b"150 no\r\n",
        b"250_no\r\n",
        b"2500 no\r\n",
        b"\r\n",
        b"250-a\r\n251 b\r\n",
        b"250-a\r\n" * 101,
        b"250 " + b"x" * 5000,
        b"250 " + b"x" * 5000 + b"\r\n",
    ],
)
def test_what_is_no_reply_breaks_the_stream(octets: bytes) -> None:
    reader = ReplyReader()
    assert reader.feed(octets) == []
    assert reader.broken
    assert reader.feed(b"250 Ok\r\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "550 5.1.1 <ann.lee@example.org>: Recipient address rejected",
        "550 ann.lee@example.org unknown",
        "550 unknown user 'ann.lee@example.org', sorry",
    ],
)
def test_a_reply_keeps_no_address(line: str) -> None:  # S28
    (reply,) = ReplyReader().feed(f"{line}\r\n".encode())
    assert "ann" not in reply.text
    assert "example.org" not in reply.text
    assert "(address)" in reply.text


def test_a_long_text_is_cut() -> None:
    (reply,) = ReplyReader().feed(b"550 " + b"x" * 2000 + b"\r\n")
    assert reply.text == "x" * 300


MEANINGS = [
    (250, "mail rcpt rset dot", Verdict.go),
    (251, "rcpt", Verdict.go),
    (354, "data", Verdict.go),
    (221, "quit", Verdict.go),
    (450, "mail rcpt data dot", Verdict.deferred),
    (550, "mail rcpt data dot", Verdict.refused),
    (552, "mail dot", Verdict.refused),
    (554, "mail rcpt data dot", Verdict.refused),
    (421, "rset mail rcpt data dot lone-dot quit", Verdict.closing),
    # Out of step: a reply that cannot answer what was asked.
    (354, "mail rcpt rset dot", Verdict.broken),
    (250, "data", Verdict.broken),
    (503, "rset mail rcpt data dot", Verdict.broken),
    (450, "rset", Verdict.broken),
    (500, "rset", Verdict.broken),
    # The reply to a lone dot is ignored, whatever it says.
    (250, "lone-dot", Verdict.go),
    (503, "lone-dot", Verdict.go),
    (554, "lone-dot", Verdict.go),
]


@pytest.mark.parametrize(("code", "stages", "verdict"), MEANINGS)
def test_a_reply_means_what_its_stage_makes_of_it(code: int, stages: str, verdict: Verdict) -> None:  # M14
    for stage in stages.split():
        assert classify(Reply(code, None, ""), Stage(stage)) is verdict


@pytest.mark.parametrize(
    ("code", "result"),
    [(250, Result.accepted), (252, Result.accepted), (421, Result.deferred), (450, Result.deferred),
     (500, Result.refused), (554, Result.refused)],
)  # fmt: skip
def test_a_journalled_reply_decides(code: int, result: Result) -> None:
    assert result_of(Reply(code, None, "")) is result
