"""Quoted-printable and encoded-words, read back by the standard library and by the strict reader."""

from __future__ import annotations

import html
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail import encoding
from tests.mail import strict_parser
from tests.mail.samples import body_texts, header_texts, quick


@quick
@given(body_texts)
def test_quoted_printable_is_lawful_and_reads_back(text: str) -> None:
    # M1, M2, M8
    quoted = encoding.quote_value(text)
    assert strict_parser.decode_quoted_printable(quoted.decode("ascii")) == encoding.clean_body(text)
    assert quopri.decodestring(quoted).decode().replace("\r\n", "\n") == encoding.clean_body(text)
    assert quoted.isascii()


@quick
@given(body_texts)
def test_the_last_line_leaves_room_for_a_soft_break(text: str) -> None:
    # M8
    last = encoding.quote_value(text).rsplit(b"\r\n", 1)[-1]
    assert len(last) <= 75
    assert not last.endswith((b" ", b"\t"))


@quick
@given(body_texts)
def test_no_line_begins_with_a_dot_or_from(text: str) -> None:
    # M8
    for line in encoding.quote_value(text).split(b"\r\n"):
        assert not line.startswith((b".", b"From "))


@quick
@given(
    st.one_of(
        body_texts,
        st.from_regex(r"https://e\.ca/[a-z]{1,7}/[A-Za-z0-9_-]{0,150}", fullmatch=True),
        st.text(alphabet="aFrom .,/:_~-&<'=\n", max_size=90),
    )
)
def test_what_stands_as_it_is_needs_no_encoding(text: str) -> None:
    # M8: links and dates take this way, which must lead where the long one does.
    octets = encoding.as_it_is(text)
    assert octets in (None, encoding.quote(encoding.clean_body(text)))
    assert octets is None or html.escape(text) == text


@pytest.mark.parametrize("text", ["March 3, 2026", "3 mars 2026", "https://e.ca/stop/BAbc_-9", "a" * 75])
def test_links_and_dates_stand_as_they_are(text: str) -> None:
    assert encoding.as_it_is(text) == text.encode()


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", ".a", "From here", "a ", "a  b", "a&b", "a<b", "a'b", 'a"b', "a=b", "a" * 76, "é", "a\nb"),
        *("a\n", "a\tb", "a\u00a0b"),
    ],
)
def test_anything_else_is_encoded(text: str) -> None:
    # M8
    assert encoding.as_it_is(text) is None


@pytest.mark.parametrize("length", [1, 74, 75, 76, 149, 150, 151, 400])
@pytest.mark.parametrize("dot", [0, 74, 75, 76, 150])
def test_links_of_any_length_read_back(length: int, dot: int) -> None:
    # M8: short values and links take a quicker way than the rest.
    link = "h" * min(dot, length) + "." + "t" * (length - dot)
    quoted = encoding.quote_value(link)
    assert strict_parser.decode_quoted_printable(quoted.decode()) == link
    assert quoted == encoding.quote(link)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\0b\x07c\x7f", "a b c "),
        ("a\tb", "a\tb"),
        ("\ud800", "\ufffd"),
        ("a\u2028b\u0085c", "a\u2028b\u0085c"),
    ],
)
def test_bodies_keep_their_words_and_lose_their_controls(text: str, clean: str) -> None:
    # M1
    assert encoding.clean_body(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\r\nb", "a b"),
        ("a\u2028b\u2029c\u0085d", "a b c d"),
        ("\x0b\x0c\x1c", ""),
        ("  a   b ", "a b"),
        ("\u00a0é\u00a0:", "\u00a0é\u00a0:"),
        ("\udfff", "\ufffd"),
    ],
)
def test_headers_stay_on_one_line(text: str, clean: str) -> None:
    # M11
    assert encoding.clean_header(text) == clean


@quick
@given(header_texts.map(encoding.clean_header).filter(bool))
def test_encoded_words_are_short_and_hold_whole_characters(text: str) -> None:
    # M6
    words = encoding.encoded_words(text, 40)
    assert len(words[0]) <= 40
    assert max(map(len, words)) <= 75
    assert "".join(map(strict_parser.decode_word, words)) == text


def test_the_shorter_scheme_is_taken() -> None:
    assert encoding.encoded_words("Conseil régulier", 75)[0].startswith("=?utf-8?q?")
    assert encoding.encoded_words("運動", 75)[0].startswith("=?utf-8?b?")
