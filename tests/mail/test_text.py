"""HTML fragments as plain text, element by element."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail.text import render
from tests.mail.samples import quick

LONG = "https://www.example.org/fr/guide/activite-physique.html"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p></p><p> </p>", ""),
        ("<h1>Titre</h1><p>a</p>", "Titre\n=====\n\na\n"),
        ("<h2>Titre</h2><p>a</p>", "Titre\n=====\n\na\n"),
        ("<p>a</p><h3>Sous-titre</h3><p>b</p>", "a\n\nSous-titre\n----------\n\nb\n"),
        ("<p>un\n  deux<br>trois</p>", "un deux\ntrois\n"),
        ("<p>a <strong>b</strong> <em>c</em>d</p>", "a b cd\n"),
        ("<p>1 &lt; 2 &amp; 3</p>", "1 < 2 & 3\n"),
        ("<p>a<script>b()</script><style>p{}</style></p>", "a\n"),
        ("a<hr>b", "a\n\n---\n\nb\n"),
        ('<p><img src="x" alt="Des haltères"></p><p><img src="y" alt=""></p>', "Des haltères\n"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul><p>c</p>", "- a\n- b\n\nc\n"),
        ("<p>x</p><ol><li>a</li><li>b</li></ol>", "x\n\n1. a\n2. b\n"),
        ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b\n"),
        ('<ol start="x"><li>a</li></ol>', "1. a\n"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"),
        ("<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>", "- a\n\n  b\n- c\n"),
        ("<ul><li>a</li></ul><ol><li><p>b</p></li></ol>", "- a\n\n1. b\n"),
        ("<p>x</p><blockquote><p>a<br>b</p><p>c</p></blockquote><p>y</p>", "x\n\n> a\n> b\n>\n> c\n\ny\n"),
        ("<ul><li>a<blockquote>b</blockquote></li></ul>", "- a\n\n  > b\n"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc\n"),
        ("</ul></li></blockquote></a></p>a", "a\n"),
    ],
)
def test_elements(html: str, text: str) -> None:
    # A12
    assert render(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://e.ca/a">ici</a>.', "ici (https://e.ca/a).\n"),
        ('<a href="https://e.ca/a">https://e.ca/a</a>', "https://e.ca/a\n"),
        ('Voir <a href="https://www.e.ca/a">www.e.ca/a</a>.', "Voir https://www.e.ca/a.\n"),
        (f'Voir <a href="{LONG}">{LONG.removeprefix("https://")}</a>', f"Voir\n{LONG}\n"),
        ('<a href="mailto:a@e.ca">a@e.ca</a>', "a@e.ca\n"),
        ('<a href="mailto:a@e.ca">Écrivez</a>', "Écrivez (a@e.ca)\n"),
        ('bouger <sup><a href="#r1">[1]</a></sup>.', "bouger [1].\n"),
        ("<a>mot</a>", "mot\n"),
        ('<a href="https://e.ca"><img src="x" alt=""></a>', "https://e.ca\n"),
        (f'Lisez <a href="{LONG}">le guide</a>. Puis bougez.', f"Lisez le guide.\n{LONG}\nPuis bougez.\n"),
        (f'« <a href="{LONG}">le guide</a>\u00a0» ici', f"« le guide\u00a0»\n{LONG}\nici\n"),
        (f'<a href="{LONG}">a</a><a href="{LONG}">b</a>', f"a\n{LONG}\nb\n{LONG}\n"),
        (f'<ul><li><a href="{LONG}">a</a></li></ul>', f"- a\n  {LONG}\n"),
    ],
)
def test_links(html: str, text: str) -> None:
    # M7, A12
    assert render(html) == text


words = st.lists(st.text(alphabet="abcéœ’-\u00a0\u202f«»:", min_size=1, max_size=90), min_size=1, max_size=60)


@quick
@given(words, st.sampled_from(["p", "h2", "blockquote", "li"]))
def test_wrapping_keeps_every_word_whole_and_lines_short(chosen: list[str], tag: str) -> None:
    lines = render(f"<{tag}>{' '.join(chosen)}</{tag}>").splitlines()
    if tag == "h2":
        lines = lines[:-1]
    if tag in ("blockquote", "li"):
        lines = [line[2:] for line in lines]
    assert [word for line in lines for word in line.split(" ")] == chosen
    for line in lines:
        assert len(line) <= 72 or " " not in line


def test_french_marks_stay_with_their_words() -> None:
    # A no-break space is no place to break a line.
    text = render("<p>" + "«\u00a0mot\u00a0» : " * 30 + "</p>")
    assert len(text.splitlines()) > 1
    for line in text.splitlines():
        assert line.count("«") == line.count("»")


TAGS = (
    "<p>",
    "</p>",
    "<ul>",
    "<ol>",
    "</ul>",
    "<li>",
    "</li>",
    "<blockquote>",
    "</blockquote>",
    "<a>",
    "</a>",
)


@quick
@given(st.lists(st.sampled_from([*TAGS, "x", "y"])))
def test_unbalanced_html_loses_no_word(parts: list[str]) -> None:
    shown = render("".join(parts))
    assert [char for char in shown if char in "xy"] == [part for part in parts if part in "xy"]
