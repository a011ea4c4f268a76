"""Reads the tips of a WordPress export (WXR): published posts, drafts on demand, languages by their marks.

Left out and counted: pages, menus, revisions, private posts and those behind a password. Categories and tags
have no place here, save those in which Polylang keeps the language.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from newsletter_app.imports import shortcodes
from newsletter_app.imports.documents import Batch, Document
from newsletter_app.imports.html import MAX_BYTES, Given, plain_words, read_html
from newsletter_app.imports.xml import Element
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips import Finding, ImportFault, Reading, Unreadable

_SPACES: Final = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://wordpress.org/export/": "wp",
}
_DRAFTS: Final = frozenset({"draft", "pending", "future"})
# WordPress' own machinery, which nobody would miss in a count.
_MACHINERY: Final = frozenset(
    {"attachment", "revision", "nav_menu_item", "custom_css", "customize_changeset", "oembed_cache"}
    | {"user_request", "wp_block", "wp_template", "wp_template_part", "wp_global_styles", "wp_navigation"}
    | {"wp_font_family", "wp_font_face"}
)
_LANGUAGE_KEYS: Final = ("_wpml_import_language_code", "_wpml_language", "wpml_language")
_GROUP_KEYS: Final = ("_wpml_import_translation_group",)


@dataclass(frozen=True, slots=True)
class _Post:
    """An <item>: its texts by "wp:status", its meta values, its categories by their domain."""

    at: int
    texts: Mapping[str, str]
    meta: Mapping[str, str]
    domains: Mapping[str, str]
    other_terms: int

    def text(self, key: str) -> str:
        return self.texts.get(key, "")

    @property
    def language(self) -> str | None:
        """The language that WPML or Polylang marked it with, None where neither did."""
        said = [self.domains.get("language", ""), *(self.meta.get(key, "") for key in _LANGUAGE_KEYS)]
        found = [value[:2].lower() for value in said if value[:2].lower() in LANGUAGES]
        return found[0] if found else None

    @property
    def group(self) -> str:
        """What it shares with its translations, "" where it has none."""
        said = [self.domains.get("post_translations", ""), *(self.meta.get(key, "") for key in _GROUP_KEYS)]
        return next((value for value in said if value), "")


def is_export(root: Element) -> bool:
    """Tell whether a feed is an export of WordPress."""
    return any(_key(node.tag) == "wp:wxr_version" for node in root.iterfind("channel/*"))


def read_export(root: Element, *, language: str | None, drafts: bool) -> Batch:
    """Read every published post, and every draft where ``drafts`` says so.

    A post is in the language that it is marked with, else in ``language``, else in what its words tell; one
    of which nobody knows has the fault language-unknown.
    """
    posts = [_post(at, node) for at, node in enumerate(root.iterfind("channel/item"), 1)]
    pictures = {post.text("wp:post_id"): post.text("wp:attachment_url") for post in posts}
    passed: Counter[str] = Counter()
    wanted: list[_Post] = []
    for post in posts:
        reason = _passed_over(post, drafts=drafts)
        if reason is None:
            wanted.append(post)
            passed["terms"] += post.other_terms
        elif reason:
            passed[reason] += 1
    documents = tuple(
        _document(post, pictures.get(post.meta.get("_thumbnail_id", ""), ""), language) for post in wanted
    )
    return Batch(documents, tuple((code, count) for code, count in passed.items() if count))


def _key(tag: str) -> str:
    space, _, name = tag.removeprefix("{").rpartition("}")
    known = next((short for long, short in _SPACES.items() if space.startswith(long)), space and "other")
    known = "excerpt" if space.startswith("http://wordpress.org/export/") and "/excerpt" in space else known
    return f"{known}:{name}" if known else name


def _post(at: int, item: Element) -> _Post:
    terms = list(_terms(item))
    meta = {
        node.findtext("./{*}meta_key") or "": node.findtext("./{*}meta_value") or ""
        for node in item
        if _key(node.tag) == "wp:postmeta"
    }
    return _Post(
        at=at,
        texts={_key(node.tag): (node.text or "").strip() for node in item if len(node) == 0},
        meta=meta,
        domains={domain: name for domain, name in terms if domain in ("language", "post_translations")},
        other_terms=sum(1 for domain, _ in terms if domain in ("category", "post_tag")),
    )


def _terms(item: Element) -> Iterator[tuple[str, str]]:
    for node in item.iterfind("category"):
        yield node.get("domain", ""), node.get("nicename", "") or (node.text or "")


def _passed_over(post: _Post, *, drafts: bool) -> str | None:
    """Why a post is no tip to import: a code, "" for what nobody need hear of; None when it is one."""
    kind, status = post.text("wp:post_type") or "post", post.text("wp:status") or "publish"
    if kind in _MACHINERY:
        return ""
    if kind == "page":
        return "pages"
    if post.text("wp:post_password"):
        return "protected"
    if status == "publish" or (drafts and status in _DRAFTS):
        return None
    return "drafts" if status in _DRAFTS else "private"


def _document(post: _Post, picture: str, language: str | None) -> Document:
    title = plain_words(post.text("title"))
    whole = Document(
        place=f"post {post.at}",
        reading=None,
        title=title,
        unit="paragraph",
        group=post.group,
        published_at=_published_at(post),
        lenient=True,
    )
    try:
        return replace(whole, reading=_read(post, title, picture, post.language or language))
    except Unreadable as unreadable:
        return replace(whole, faults=unreadable.faults)


def _read(post: _Post, title: str, picture: str, language: str | None) -> Reading:
    stripped = shortcodes.strip(post.text("content:encoded"))
    if len(stripped.text) > MAX_BYTES:
        raise Unreadable(ImportFault(1, "page-too-long"))
    given = Given(
        title=title,
        address=post.text("link"),
        picture=picture,
        # The editor of blocks writes paragraphs itself; the older one left that to blank lines.
        blank_lines="<!-- wp:" not in stripped.text,
    )
    text = f"{_excerpt(post, stripped.text)}{stripped.text}{_footnotes(post)}"
    reading = read_html(text, "", language=language, given=given)
    if not reading.draft.language:
        raise Unreadable(ImportFault(1, "language-unknown"))
    odd = [Finding(1, "shortcode", name) for name in stripped.found]
    return replace(reading, not_understood=(*odd, *reading.not_understood))


def _excerpt(post: _Post, text: str) -> str:
    """The excerpt, which is the lead of a tip, unless the text begins with it anyway."""
    excerpt = post.text("excerpt:encoded")
    return f"<p>{excerpt}</p>\n\n" if excerpt and excerpt not in text else ""


def _footnotes(post: _Post) -> str:
    """The notes of the block of footnotes, which WordPress keeps apart from the text."""
    try:
        notes = json.loads(post.meta.get("footnotes") or "[]")
        items = "".join(f"<li>{note['content']}</li>" for note in notes)
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return f"<h2>References</h2><ol>{items}</ol>" if items else ""


def _published_at(post: _Post) -> datetime | None:
    if post.text("wp:status") not in ("", "publish"):
        return None
    try:
        return datetime.fromisoformat(f"{post.text('wp:post_date_gmt')}+00:00")
    except ValueError:
        return None
