"""Marks inside a line: they become well-formed Markdown, whatever stands in between, and hide no address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.tips.reading import Line, Unreadable, read_page
from newsletter_app.tips.reading.inline import (
    LINK,
    STRESS,
    STRESS_END,
    STRONG,
    STRONG_END,
    addresses,
    as_markdown,
    foreign,
    link_end,
    words,
)

MARKS = [STRONG, STRONG_END, STRESS, STRESS_END, LINK, link_end("https://x.example/a")]


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        (f"a {STRONG}b{STRONG_END} c", "a **b** c"),
        (f"a {STRONG} b {STRONG_END}c", "a  **b** c"),
        (f"{STRONG}{STRONG}a{STRONG_END}{STRONG_END}", "**a**"),
        (f"{STRONG}a", "**a**"),
        (f"{STRONG}{STRESS}", ""),
        (f"{STRONG}a {STRESS}b{STRONG_END} c{STRESS_END}", "**a *b*** *c*"),
        (f"a{STRONG_END}", "a"),
        (f"{STRESS}{STRESS_END}a", "a"),
        (f"{STRONG}a{STRONG_END}{STRONG}b{STRONG_END}", "**ab**"),
        (f"{LINK}a{link_end('https://x.example/(b)')}", "[a](<https://x.example/(b)>)"),
    ],
)
def test_marks_are_written(text: str, markdown: str) -> None:
    assert as_markdown(text) == markdown


@given(st.lists(st.sampled_from([*MARKS, "a", " ", ". "])).map("".join))
def test_no_mark_is_left_and_no_word_is_lost(text: str) -> None:
    written = as_markdown(text)
    assert foreign(written) == written
    assert written.count("*") % 2 == 0
    plain = written.replace("*", "").replace("(<https://x.example/a>)", "").replace("[", "").replace("]", "")
    assert plain.replace(" ", "") == words(text).replace(" ", "")
    assert set(addresses(text)) <= {"https://x.example/a"}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.example",
        "/a",
        "https://",
        "https://x\n",
        "",
        "https://é.example",
    ],
)
def test_other_addresses_are_no_link(address: str) -> None:  # S13
    assert link_end(address) == "" or list(addresses(link_end(address))) == ["https://x"]


def test_what_would_end_an_address_is_written_otherwise() -> None:
    assert list(addresses(link_end("https://x.example/a b<c>\\"))) == ["https://x.example/a%20b%3Cc%3E%5C"]


def test_what_a_file_says_of_its_lines_counts() -> None:
    """A told title goes before a line that looks like one, and a told paragraph is no heading."""
    lines = (
        Line(1, "#3 Not this", shape="paragraph"),
        Line(2, ""),
        Line(3, "Rest", shape="title"),
        Line(4, ""),
        Line(5, "Short", shape="paragraph"),
        Line(6, ""),
        Line(7, "Long. Very.", shape="heading"),
        Line(8, ""),
        Line(9, "Words", shape="subheading"),
        Line(10, ""),
        Line(11, "See it", marked=f"See {LINK}it{link_end('https://x.example/a')}", shape="paragraph"),
    )
    reading = read_page(lines, "en")
    assert (reading.draft.title, reading.draft.number, reading.draft.lead) == ("Rest", None, "Short")
    assert reading.draft.body == "## Long. Very.\n\n### Words\n\nSee [it](<https://x.example/a>)"
    assert [finding.code for finding in reading.not_understood] == ["before-the-title"]


def test_a_reference_keeps_the_address_behind_its_words() -> None:
    lines = (
        Line(1, "Rest", shape="title"),
        Line(2, ""),
        Line(3, "A lead.", shape="paragraph"),
        Line(4, ""),
        Line(5, "References", shape="heading"),
        Line(6, ""),
        Line(7, "1. Roy R. 2020", marked=f"1. {LINK}Roy R. 2020{link_end('https://x.example/a')}"),
        Line(
            8, "2. www.x.example/b", marked=f"2. {LINK}www.x.example/b{link_end('https://www.x.example/b')}"
        ),
    )
    texts = [reference.text for reference in read_page(lines, "en").draft.references]
    assert texts == ["Roy R. 2020 https://x.example/a", "www.x.example/b"]


def test_a_title_longer_than_any_is_refused() -> None:
    with pytest.raises(Unreadable, match="title-too-long"):
        read_page((Line(1, "x" * 201, shape="title"),), "en")
