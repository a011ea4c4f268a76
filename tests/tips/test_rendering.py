"""Rendering: citations link to their references, headings get ids, and no author text becomes markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.tips import Reference, body_html, first_sentence, headings, inline_html, reference_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](https://evil.example/pixel.gif)",
    "<a href='https://x.example' onclick='alert(1)'>x</a>",
    "<iframe src=//evil.example></iframe>",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "[x](vbscript:msgbox)",
    '<a id="main" class="button">x</a>',
    '<https://x.example/"onmouseover=alert(1)>',
    "`<script>`",
    "# <b onmouseover=alert(1)>x</b>",
]


def test_citations_become_links() -> None:
    """Each mark links to its reference; the same source cited again has an id of its own."""
    rendered = body_html("One.[^1] Two.[^2] Again.[^1]", references=2, anchor="t24-")
    assert re.findall(r'id="(t24-c[^"]+)"', rendered) == ["t24-c1", "t24-c2", "t24-c1-2"]
    assert '<a class="cite" href="#t24-r2" id="t24-c2">[2]</a>' in _sorted(rendered)
    assert ">[1]</a>" in rendered


def test_a_mark_without_a_reference_stays_text() -> None:
    """A link to nowhere would be worse than the mark."""
    assert body_html("One.[^3]", references=2) == "<p>One.[^3]</p>"


def test_headings_have_ids_that_the_contents_know() -> None:
    """A first-level heading counts as second; equal words get different ids."""
    body = "# Begin\n\nText\n\n## Begin[^1]\n\n## Émotions\n\n### Deeper"
    rendered = body_html(body, references=1, anchor="t1-")
    ids = [heading.id for heading in headings(body, anchor="t1-")]
    assert ids == ["t1-s-begin", "t1-s-begin-2", "t1-s-emotions"]
    assert all(f'<h2 id="{id}">' in rendered for id in ids)
    assert [heading.text for heading in headings(body)] == ["Begin", "Begin", "Émotions"]
    assert "<h1" not in rendered


@pytest.mark.parametrize("payload", HOSTILE)
def test_author_text_cannot_become_markup(payload: str) -> None:  # S13
    """Neither in a body nor in a lead or a reference."""
    for rendered in (
        body_html(payload, references=1),
        inline_html(payload),
        reference_html(Reference(text=payload, url="https://x.example/?a=1&b=<c>")),
    ):
        tags = re.findall(r"<\s*([a-z0-9]+)([^>]*)>", rendered)
        assert not {name for name, _ in tags} & {"script", "img", "iframe", "svg", "style", "b"}
        assert not re.search(r"<[^>]*\son\w+\s*=", rendered)
        assert not re.search(r'href="(?!https?:|mailto:|#)', rendered)


@pytest.mark.parametrize("text", ["{{7*7}}", "{% for x in y %}", "{{config}}", "${7*7}"])
def test_template_marks_are_inert(text: str) -> None:  # S14
    """Author text is data, never a template."""
    assert text in body_html(text, references=0)


@given(st.text(max_size=300))
def test_rendering_never_fails_nor_lets_a_script_through(text: str) -> None:  # S13
    """Whatever is typed, the result holds only tags from the list."""
    rendered = body_html(text, references=3, anchor="t1-")
    assert not re.search(
        r"<(?!/?(?:a|p|h[2-4]|ul|ol|li|strong|em|blockquote|br|hr|code|pre|table|thead|tbody|tr|th|td)\b)",
        rendered,
    )


@pytest.mark.parametrize(
    ("reference", "rendered"),
    [
        (
            Reference(text="Roy R. Steps. doi:10.1000/a.b", doi="10.1000/a.b"),
            'Roy R. Steps. <a href="https://doi.org/10.1000/a.b">doi:10.1000/a.b</a>',
        ),
        (
            Reference(text="Council. www.example.org/water", url="https://www.example.org/water"),
            'Council. <a href="https://www.example.org/water">www.example.org/water</a>',
        ),
        (
            Reference(text="Council. Water.", url="https://example.org/water"),
            'Council. Water. <a href="https://example.org/water">https://example.org/water</a>',
        ),
        (Reference(text="Book & Sons, 1999."), "Book &amp; Sons, 1999."),
    ],
)
def test_references_link_to_their_source(reference: Reference, rendered: str) -> None:
    """In place where the address stands in the text, else after it."""
    assert reference_html(reference) == rendered


@pytest.mark.parametrize(
    ("lead", "sentence"),
    [
        ("Look down. Then look again.", "Look down."),
        ("Is it **warm**?[^1] Feel it.", "Is it warm?"),
        ("Walk [^1] a little [^2] [^3].", "Walk a little."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_plain(lead: str, sentence: str) -> None:
    """It becomes the preheader, which shows neither marks nor tags."""
    assert first_sentence(lead) == sentence


def test_french_keeps_its_no_break_spaces() -> None:
    """They hold « and 23 % together; only line ends and runs of plain spaces are folded."""
    lead = "Le «\u00a0froid\u00a0» baisse\nde  23\u00a0%. Fin."
    assert unescape(inline_html(lead)) == "Le «\u00a0froid\u00a0» baisse de 23\u00a0%. Fin."
    assert first_sentence(lead) == "Le «\u00a0froid\u00a0» baisse de 23\u00a0%."


def _sorted(rendered: str) -> str:
    return re.sub(r"<a ([^>]+)>", lambda found: "<a " + " ".join(sorted(found[1].split())) + ">", rendered)
