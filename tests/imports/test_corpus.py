"""A hundred payloads in every field of an imported file: nothing executable reaches page or mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape, unescape
from html.parser import HTMLParser

import pytest

from newsletter_app.imports import Document, read
from newsletter_app.tips import Reference, TipDraft, body_html, inline_html, plain, reference_html
from newsletter_app.tips.rendering import ATTRIBUTES, PLAIN_TAGS
from tests.factories.payloads import PAYLOADS, TEMPLATES
from tests.imports import samples

SAFE_TAGS = PLAIN_TAGS | set(ATTRIBUTES)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Live(HTMLParser):
    """Gathers what a browser would run or load in a piece of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag not in SAFE_TAGS else []
        for name, value in attrs:
            scheme = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            if name not in ("href", "id", "class", "start") or (
                name == "href" and re.match(r"(?!https?:|mailto:)[^/?#]*:", scheme)
            ):
                self.found.append(f"{tag} {name}={value}")


def page(payload: str) -> str:
    """Return a saved page with the payload in every place that a page has, as text and as it stands."""
    attribute = escape(payload)
    return (
        f"<title>{payload}</title><main><h1>#7 T {payload}</h1><p>Lead {payload}</p><h2>{payload}</h2>"
        f'<p>Words {payload} {attribute} <a href="{attribute}">link {payload}</a></p><ul><li>{payload}</ul>'
        f'<img src="{attribute}" alt="{attribute}"><figure><figcaption>Photo: {payload}</figcaption></figure>'
        f"<h2>Ask your doctor</h2><p>{payload}</p><h2>References</h2>"
        f'<ol><li>{payload} 2020 <a href="{attribute}">x</a></ol></main>'
    )


def shown(draft: TipDraft) -> list[str]:
    """Return every piece of HTML that page and mail make of a draft."""
    count = len(draft.references)
    pieces = [inline_html(draft.lead, references=count), body_html(draft.body, references=count)]
    pieces += [body_html(draft.disclaimer, references=count)]
    for given in draft.references:
        facts = {name: getattr(given, name) for name in ("text", "doi", "pmid", "url")}
        pieces.append(reference_html(Reference(**facts)))
    return pieces


def documents(payload: str) -> list[Document]:
    whole = page(payload)
    markdown = (
        f"---\nlead: '{payload.replace(chr(39), chr(39) * 2)}'\n---\n# #7 T\n\n{payload}\n\n[^1]: {payload}\n"
    )
    inside = whole.replace("]]>", "]]]]><![CDATA[>")
    files = {
        "a.html": whole.encode(errors="replace"),
        "a.md": markdown.encode(),
        "a.txt": f"#7 T\n\nLead.\n\n{payload}\n\nReferences\n\n1. {payload} 2020\n".encode(),
        "a.docx": samples.docx(
            *(samples.paragraph(escape(f"{word} {clean(payload)}")) for word in ("#7 T", "Lead.", "x"))
        ),
        "a.xml": samples.export(
            samples.post(escape(f"#7 T {clean(payload)}"), clean(inside), excerpt=clean(inside))
        ),
    }
    return [
        one for name, content in files.items() for one in read(name, content, "en", language="en").documents
    ]


def clean(text: str) -> str:
    """Without what XML cannot hold, since such a file is refused as a whole."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def test_there_are_a_hundred() -> None:
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_runs_gets_through(payload: str) -> None:  # S13
    read_ones = [one for one in documents(payload) if one.reading is not None]
    assert {"paragraph"} <= {one.unit for one in read_ones}
    for one in read_ones:
        for piece in shown(one.draft):
            assert Live(piece).found == [], (one.unit, piece)
        # Titles, words for a picture and its credit are escaped by the templates; here they are words only.
        image = one.draft.image
        assert Live(escape(plain(one.draft.title))).found == []
        assert image is None or not image.source_url or image.source_url.startswith(("http://", "https://"))


@pytest.mark.parametrize("payload", TEMPLATES)
def test_what_a_template_would_run_stays_words(payload: str) -> None:  # S14
    (draft,) = (
        one.draft
        for one in documents(payload)
        if one.unit == "paragraph" and one.place == "" and one.lenient and one.draft.body.startswith("## ")
    )
    assert payload in unescape(re.sub("<[^>]+>", "", body_html(draft.body, references=0))).replace("\\", "")
    assert "49" not in draft.body
