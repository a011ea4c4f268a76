"""A tip's Markdown as clean HTML: citations become links, headings get ids, and nothing else gets through."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Final, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from newsletter_app.tips.library import address_of
from newsletter_app.tips.models import Reference, TipSide
from newsletter_app.tips.numbering import CITATION
from newsletter_app.tips.reading.slugs import slugify

WORDS_A_MINUTE: Final = 180  # aloud or slowly; the readers are often past 70
PLAIN_TAGS: Final = frozenset(
    {"p", "h4", "ul", "li", "strong", "em", "blockquote", "br", "hr", "code", "pre"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "id", "class"},
    "h2": {"id"},
    "h3": {"id"},
    "ol": {"start"},
}
# What stands before a mark goes with it, else the full stop behind stood alone.
_CITATION_LEFT_OUT = re.compile(r"\s*\[\^\d{1,3}\]")
# Not ``\s`` nor ``str.split``: they would take French no-break spaces for spaces.
_WHITE = re.compile(r"[ \t\r\n]+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])(?: +|$)")


class Heading(NamedTuple):
    """A heading of the body: its id on the page and its words."""

    id: str
    text: str


def body_html(body: str, *, references: int, anchor: str = "") -> str:
    """Return the sanitised HTML of Markdown; ``anchor`` begins every id, so that two tips can share a page.

    ``[^n]`` with n up to ``references`` becomes ``<a class="cite" href="#{anchor}r{n}">[n]</a>``;
    a higher number stays text. Raw HTML and pictures in the text are shown as they were typed.
    """
    return _clean(_MARKDOWN.render(body, _environment(anchor, references)))


def inline_html(text: str, *, references: int = 0, anchor: str = "") -> str:
    """Return one paragraph's HTML without the ``<p>`` around it (a lead, say)."""
    return _clean(_MARKDOWN.renderInline(_flowed(text), _environment(anchor, references)))


def headings(body: str, anchor: str = "") -> list[Heading]:
    """Return the second-level headings in their order, with the ids that ``body_html`` gives them."""
    tokens = _MARKDOWN.parse(body, _environment(anchor, 0))
    return [
        Heading(str(token.attrs["id"]), plain(tokens[place + 1].content))
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]


def plain(text: str) -> str:
    """Return Markdown text without its marks and citations, for titles, previews and alt texts."""
    rendered = _MARKDOWN.renderInline(_CITATION_LEFT_OUT.sub("", text), _environment("", 0))
    return _flowed(html.unescape(nh3.clean(rendered, tags=set())))


def paragraphs(lead: str, body: str) -> list[str]:
    """Return the lead and the body's paragraphs and list items as plain text, without headings and tables."""
    tokens = _MARKDOWN.parse(body, _environment("", 0))
    read = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "paragraph_open"]
    return [plain(text) for text in (lead, *read) if text.strip()]


def first_sentence(lead: str) -> str:
    """Return the lead's first sentence as plain text (the mail's preheader)."""
    return _SENTENCE_END.split(plain(lead), maxsplit=1)[0]


def minutes(side: TipSide) -> int:
    """Return the minutes it takes to read a side, at least one."""
    words = len(f"{side.lead} {side.body} {side.disclaimer}".split())
    return max(1, round(words / WORDS_A_MINUTE))


def reference_html(reference: Reference) -> str:
    """Return a reference as HTML: its text, with a link to its DOI or address at the end or in place."""
    text = html.escape(reference.text, quote=False)
    url = address_of(reference)
    if not url:
        return _clean(text)
    # A DOI is kept in small letters, and the text as it was written.
    found = (re.search(re.escape(form), reference.text, re.IGNORECASE) for form in _forms(reference))
    shown = next((match[0] for match in found if match), None)
    link = f'<a href="{html.escape(url)}">{html.escape(shown or url)}</a>'
    whole = text.replace(html.escape(shown, quote=False), link, 1) if shown else f"{text} {link}"
    return _clean(whole)


def _forms(reference: Reference) -> list[str]:
    # The longest spelling first, so that "https://doi.org/10…" is linked whole.
    doi = reference.doi or ""
    spellings = [f"https://doi.org/{doi}", f"doi:{doi}", doi] if doi else []
    bare = re.sub(r"^https?://(www\.)?", "", reference.url or "")
    pmid = (
        [f"PMID: {reference.pmid}", f"PMID {reference.pmid}"] if reference.pmid and not reference.url else []
    )
    return [*spellings, *pmid, *([reference.url, f"www.{bare}", bare] if reference.url else [])]


def _flowed(text: str) -> str:
    return _WHITE.sub(" ", text).strip(" ")


def _environment(anchor: str, references: int) -> dict[str, object]:
    # markdown-it keeps its own link definitions under "references".
    return {"anchor": anchor, "last_citation": references, "cited": Counter()}


def _clean(text: str) -> str:
    return nh3.clean(
        text,
        tags=PLAIN_TAGS | set(ATTRIBUTES),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    ).strip()


def _citation(state: StateInline, silent: bool) -> bool:
    found = CITATION.match(state.src, state.pos)
    if found is None or not 0 < int(found[1]) <= int(state.env["last_citation"]):
        return False
    if not silent:
        _push_citation(state, found[1])
    state.pos = found.end()
    return True


def _push_citation(state: StateInline, number: str) -> None:
    cited: Counter[str] = state.env["cited"]
    cited[number] += 1
    again = f"-{cited[number]}" if cited[number] > 1 else ""
    anchor = state.env["anchor"]
    token = state.push("html_inline", "", 0)
    token.content = f'<a class="cite" id="{anchor}c{number}{again}" href="#{anchor}r{number}">[{number}]</a>'


def _name_headings(tokens: list[Token], anchor: str) -> None:
    taken: Counter[str] = Counter()
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        # The page's own title is the h1, so an author's "#" counts as "##".
        token.tag = tokens[place + 2].tag = "h2" if token.tag == "h1" else token.tag
        slug = slugify(CITATION.sub("", tokens[place + 1].content), "en")
        taken[slug] += 1
        token.attrs["id"] = f"{anchor}s-{slug}{f'-{taken[slug]}' if taken[slug] > 1 else ''}"


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.inline.ruler.before("link", "citation", _citation)
    markdown.core.ruler.push("headings", lambda state: _name_headings(state.tokens, state.env["anchor"]))
    return markdown


_MARKDOWN: Final = _markdown()
