"""A saved page: the tip is found on it, everything else is told, and nothing that runs gets in."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.imports.html import Given, plain_words, read_html, read_html_file
from newsletter_app.tips import Reading, Unreadable, body_html
from tests.imports import samples


def read(body: str, title: str = "#7 Warm up") -> Reading:
    return read_html(body, "en", given=Given(title=title))


def test_a_saved_page() -> None:
    reading = read_html_file(samples.PAGE.encode(), "en")
    draft = reading.draft
    assert (draft.number, draft.title, draft.language, draft.related) == (7, "Warm Up Slowly", "en", (25,))
    assert draft.lead == "Cold muscles complain. **Five quiet minutes** help them."
    assert draft.body.splitlines() == [
        "## Why",
        "",
        "Older people who warmed up first said that walking felt easier.[^1]"
        " See [the study](<https://example.org/steps_(new)>) and our page.",
        "",
        "- March *on the spot*",
        "- Roll your shoulders",
        "",
        "### With a cane",
        "",
        "Hold the back of a chair.[^2]",
    ]
    assert draft.disclaimer == "Ask before you begin if your heart is weak."
    assert draft.image is not None
    assert (draft.image.path, draft.image.alt) == ("7_files/coat.png", "Woman in a blue coat")
    assert (draft.image.creator, draft.image.source) == ("Rosehip", "Pexels")
    assert [(one.doi, one.pmid) for one in draft.references] == [
        ("10.1000/steps.2020", None),
        (None, "1234567"),
    ]


def test_what_is_around_the_tip_is_told() -> None:
    reading = read_html_file(samples.PAGE.encode(), "en")
    assert [(finding.code, finding.text) for finding in reading.left_out] == [
        ("skip-link", "Skip to content"),
        ("page-top", "• Home · • All tips · Walk On"),
        ("appeal", "We can’t do it alone"),
        ("subscribe", "Subscribe to our newsletter"),
        ("choose-notices", "Choose notices to receive:"),
        ("postal-address", "PO Box 100 Red Deer, Alberta, Canada T4N 0A1"),
        ("food-for-thought", "Food for thought…"),
        ("related", "#25 Sleep well"),
    ]
    assert [finding.code for finding in reading.not_understood] == ["links-left-out"]


@pytest.mark.parametrize(
    ("page", "title", "number"),
    [
        ("<title>#3 Rest – Walk On</title><p>A lead.</p>", "Rest", 3),
        ("<title>Rest | Walk On</title><p>A lead.</p>", "Rest", None),
        ("<h1>Walk On</h1><h2>Tip 3: Rest</h2><p>A lead.</p>", "Rest", 3),
        ("<h1>Rest</h1><p>A lead.</p>", "Rest", None),
        ("<h2>Rest</h2><p>A lead.</p>", "Rest", None),
    ],
)
def test_where_the_title_is_found(page: str, title: str, number: int | None) -> None:
    draft = read_html_file(page.encode(), "en").draft
    assert (draft.title, draft.number, draft.lead) == (title, number, "A lead.")


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<p>A.</p><p>One <b>two </b>three</p>", "One **two** three"),
        ("<p>A.</p><p><b></b>One <i><i>two</i></i></p>", "One *two*"),
        ("<p>A.</p><p>One <b>two <i>three</b> four</i></p>", "One **two *three*** *four*"),
        ("<p>A.</p><p>2 * 3 [x] `y` <code>_z_</code></p>", r"2 \* 3 \[x\] \`y\` \_z\_"),
        ("<p>A.</p><p>10<sup>6</sup> and 3 m<sup>2</sup></p>", "10⁶ and 3 m²"),
        ("<p>A.</p><ol start=" + "9" * 5000 + "><li>x</ol>", "999. x"),
        ("<p>A.</p><ol start=3><li>x<li>y</ol>", "3. x\n4. y"),
        ("<p>A.</p>one<br>two<br><br>three", "one two\n\nthree"),
        ('<p>A.</p><p><a href="javascript:alert(1)">x</a> <a href="mailto:a@b.example">y</a></p>',
         "x [y](<mailto:a@b.example>)"),
        ("<p>A.</p><p>\ue000sly\U000f0041</p>", "sly"),
        ("<p>A.</p><p>1) one<br>2) two</p>", "1. one\n2. two"),
    ],
)  # fmt: skip
def test_marks_become_markdown(body: str, markdown: str) -> None:
    assert read(body).draft.body == markdown


def test_a_short_paragraph_is_kept_where_a_pasted_line_would_be_loose() -> None:
    reading = read("<p>A lead.</p><p>No full stop</p>")
    assert reading.draft.body == "No full stop"
    assert reading.not_understood == ()


def test_bold_lines_of_a_page_without_headings_are_headings() -> None:
    assert read("<p>A lead.</p><p><b>Why</b></p><p>Because.</p>").draft.body == "## Why\n\nBecause."


def test_endless_words_for_a_picture_are_none() -> None:
    reading = read(f"<p>A lead.</p><img src=a.png alt='{'x' * 501}'>")
    assert reading.draft.image is not None
    assert reading.draft.image.alt == ""
    assert [finding.code for finding in reading.not_understood] == ["image-without-alt"]


def test_embeds_and_captions_are_told() -> None:
    reading = read(
        "<p>A lead.</p><iframe src='https://video.example/1' title='A film'></iframe>"
        "<figure><img src=a.png><figcaption>Two chairs</figcaption></figure><img src=b.png alt=B>"
    )
    assert {finding.code: finding.text for finding in reading.not_understood} == {
        "embed": "A film",
        "image-without-alt": "a.png",
        "caption": "Two chairs",
        "second-image": "B",
    }


@pytest.mark.parametrize(
    "content",
    [
        "<html><head><meta charset=iso-8859-1></head><h1>Bougez</h1><p>L’été</p>".encode("cp1252"),
        "<h1>Bougez</h1><p>L’été</p>".encode("utf-16"),
        "\ufeff<h1>Bougez</h1><p>L’été</p>".encode(),
        b'<html lang="fr"><meta charset="no-such"><h1>Bougez</h1><p>L\x92\xe9t\xe9</p>',
    ],
)
def test_old_pages_keep_their_accents(content: bytes) -> None:
    assert read_html_file(content, "en").draft.lead == "L’été"


def test_the_page_says_its_language_where_the_words_do_not() -> None:
    assert read_html_file(b'<html lang="fr-CA"><h1>OK</h1><p>OK!</p>', "en").draft.language == "fr"
    assert (
        read_html_file(b'<html lang="fr-CA"><h1>OK</h1><p>OK!</p>', "en", language="en").draft.language
        == "en"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<p></p>", "no-title"),
        (b"<h1>" + b"x" * 201 + b"</h1>", "title-too-long"),
        (b"\x00<h1>x</h1>", "binary"),
        (b"<h1>x</h1>" + b" " * 5_000_000, "page-too-long"),
        (b"<div>" * 301, "page-too-deep"),
        (b"<h1>#1 One</h1><p>a</p><h1>#2 Two</h1><p>b</p>", "two-titles"),
    ],
)
def test_what_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        read_html_file(content, "en")


HOSTILE = [
    "<!",
    "<",
    "<a ",
    "<!--",
    "<a b='",
    "<![CDATA[",
    "</y>",
    "<p>",
    "<sup>1",
    "<a href=x>y",
    "<li>",
    "\ue000",
]


def test_a_credit_that_is_longer_than_any_is_a_caption() -> None:
    """What the library cannot keep is told, and not handed on to the database."""
    for maker, taken in (("n" * 120, "n" * 120), ("n" * 121, "")):
        caption = f"<figcaption>Photo: {maker}</figcaption>"
        found = read_html_file(
            f"<h1>#7 Up</h1><figure><img src=a.png alt=a>{caption}</figure>".encode(), "en"
        )
        assert found.draft.image is not None
        assert found.draft.image.creator == taken
        assert ("caption" in [odd.code for odd in found.not_understood]) is not bool(taken)


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_page_costs_no_time(part: str) -> None:  # S18
    began = time.process_time()
    page = ("<h1>x</h1><p>y" + part * (60_000 // len(part))).encode()
    with contextlib.suppress(Unreadable):
        read_html_file(page, "en")
    assert time.process_time() - began < 2


def test_a_paragraph_of_nothing_but_citations_costs_no_time() -> None:  # S18, S35
    """What stands just before a raised number tells whether it is a power."""
    began = time.process_time()
    read_html_file(("<h1>x</h1><p>" + "y<sup>1</sup> " * 20_000).encode(), "en")
    assert time.process_time() - began < 5


@given(
    st.lists(
        st.sampled_from(
            [*"<>/='\"a1 #", "<b>", "</b>", "<li>", "<h2>", "<sup>", "<img src=a>", "\n\n", "&lt;"]
        )
    )
)
def test_any_page_is_read_or_refused_and_writes_clean_markdown(parts: list[str]) -> None:
    reading = read("<p>A lead.</p>" + "".join(parts))
    shown = body_html(reading.draft.body, references=0)
    assert "<img" not in shown
    assert not any("\ue000" <= letter <= "\uf8ff" for letter in reading.draft.body)


def test_a_scrap_gives_its_words() -> None:
    assert plain_words("Walk &amp; <b>rest</b>\n now<script>x</script>") == "Walk & rest now"
    assert plain_words("") == ""
