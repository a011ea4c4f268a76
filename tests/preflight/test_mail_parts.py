"""A mail's HTML taken apart: what is in it, and that nothing makes it stop."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.preflight.mail_parts import parts_of

MAIL = """<html><head><title>T</title><style>p { color: red }</style></head><body>
<div class="preheader wide">One <b>first</b> sentence.<br></div>
<h1>Walk</h1><p>Walk a little. <a href=" https://example.org/a?b=1&amp;c=2 ">How to
 <em>walk</em></a></p><h3>Far</h3><a name="x">no link</a>
<a href="https://example.org/p"><img src="https://example.org/media/a.png" alt="A path"></a></body></html>"""


def test_what_is_in_it() -> None:
    parts = parts_of(MAIL)
    assert parts.headings == [1, 3]
    assert parts.links == [
        ("https://example.org/a?b=1&c=2", "How to walk"),
        ("https://example.org/p", "A path"),
    ]
    assert parts.pictures == ["https://example.org/media/a.png"]
    assert parts.styles == "p { color: red }"
    assert parts.preheader == "One first sentence."
    assert " ".join(parts.words) == "Walk Walk a little. How to walk Far no link A path"
    assert {"img", "em", "title"} <= parts.tags


@given(st.text(alphabet="<>ab/ \"='!-&;h1?[]", max_size=60))
def test_anything_is_read(html: str) -> None:
    parts = parts_of(html)
    assert len(parts.words) <= len(html)
