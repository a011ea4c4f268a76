"""What a composed mail is told of: its size, its styles, its headings, its subject, its plain text."""

from __future__ import annotations

import pytest

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.mail_parts import MailParts, parts_of
from newsletter_app.preflight.mail_rules import (
    heading_findings,
    size_findings,
    style_findings,
    subject_findings,
    text_findings,
    weight_findings,
)


@pytest.mark.parametrize("part", ["html", "text"])
@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (80 * 1024, []),
        (80 * 1024 + 1, [("big", WARNS)]),
        (102 * 1024, [("big", WARNS)]),
        (102 * 1024 + 1, [("too-big", BLOCKS)]),
    ],
)
def test_the_size_of_a_part(octets: int, found: list[tuple[str, str]], part: str) -> None:
    """Measured as it travels: plain letters, whose soft breaks are left out of this table."""  # M53
    lines = ("x" * 62 + "\n") * (octets // 64)
    content = lines + "y" * (octets - (len(lines) + lines.count("\n")))
    expected = [Finding(f"{part}-{code}", level, "en") for code, level in found]
    assert size_findings(part, content, "en") == expected


def test_accents_count_as_they_travel() -> None:
    """Every é is six octets in quoted-printable: 40 KB of them are too big."""  # M53
    assert size_findings("html", "é" * 40_000)[0].code == "html-too-big"


@pytest.mark.parametrize("tag", ["base", "embed", "form", "iframe", "link", "object", "script"])
def test_what_programs_cut_out_stops_a_mail(tag: str) -> None:
    found = style_findings(parts_of(f"<p>a</p><{tag} src='x'>"), "fr")  # M54
    assert found == [Finding("html-forbidden", BLOCKS, "fr", f"<{tag}>")]


@pytest.mark.parametrize(
    ("styles", "codes"),
    [
        ("a" * 8191, []),
        ("a" * 8192, ["style-too-big"]),
        ('@import "x.css";', ["html-forbidden"]),
    ],
)
def test_styles_that_gmail_leaves_out(styles: str, codes: list[str]) -> None:
    found = style_findings(MailParts(styles=styles))  # M54
    assert [(finding.code, finding.level) for finding in found] == [(code, BLOCKS) for code in codes]


@pytest.mark.parametrize(
    ("headings", "about"),
    [
        ([], ""),
        ([1, 2, 3, 2, 2], ""),
        ([1, 2, 4], "h2 → h4"),
        ([1, 3, 5], "h1 → h3"),
        ([2, 3], "h2"),
        ([1, 2, 3, 4, 1, 2], ""),
    ],
)
def test_headings_go_down_one_at_a_time(headings: list[int], about: str) -> None:
    found = heading_findings(headings, "en")  # A13
    assert [finding.about for finding in found] == ([about] if about else [])


@pytest.mark.parametrize(
    ("subject", "preheader", "codes"),
    [
        ("Walk a little", "It helps.", []),
        ("W" + "a" * 69, "It helps.", []),
        ("W" + "a" * 70, "It helps.", ["subject-long"]),
        ("WALK A LITTLE", "It helps.", ["subject-shouts"]),
        ("Walk!!", "It helps.", ["subject-shouts"]),
        ("NATO", "It helps.", []),
        ("Walk a little", " \u00a0", ["preheader-missing"]),
        ("Walk a little", "walk a\nlittle", ["preheader-repeats"]),
    ],
)
def test_what_stands_in_a_list_of_mails(subject: str, preheader: str, codes: list[str]) -> None:
    assert [finding.code for finding in subject_findings(subject, preheader)] == codes  # M57


HTML = '<p>One two three four five. <a href="https://example.org/a">A page</a> <a href="#r1">[1]</a></p>'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One two three four five. A page https://example.org/a [1]", []),
        ("One two three four five. A page [1]", [("text-lacks-link", "https://example.org/a")]),
        ("https://example.org/a", [("text-thin", "")]),
        ("One two three four <b>five</b>. A page https://example.org/a", [("text-holds-html", "<b>")]),
        ("One two three four five.&nbsp;A page https://example.org/a", [("text-holds-html", "&nbsp;")]),
    ],
)
def test_the_plain_text_says_what_the_html_says(text: str, found: list[tuple[str, str]]) -> None:
    told = text_findings(text, parts_of(HTML))  # A12, M7
    assert [(finding.code, finding.about) for finding in told] == found


def test_what_an_author_typed_is_no_leftover() -> None:
    assert text_findings("a <b> c d", parts_of("<p>a &lt;b&gt; c d</p>")) == []


@pytest.mark.parametrize(("octets", "about"), [(300 * 1024, None), (300 * 1024 + 1024, "301 KB")])
def test_heavy_pictures(octets: int, about: str | None) -> None:
    assert [finding.about for finding in weight_findings(octets)] == ([about] if about else [])
