"""Reads the YAML front matter of a Markdown tip by a table of keys; refuses unknown keys, wrong values,
anchors and depth.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from newsletter_app.tips.reading.draft import (
    IMAGE_LENGTHS,
    REFERENCE_LENGTHS,
    TIP_LENGTHS,
    ImportFault,
    Unreadable,
)
from newsletter_app.tips.reading.lines import without_controls

MAX_CHARACTERS = 20_000
# Flow brackets make the scanner quadratic; no reference list needs this many.
_MAX_BRACKETS = 300

TEXT_KEYS = frozenset(
    {"title", "lead", "notice", "slug", "disclaimer", "reviewed_by", "reviewed_on", "review_due"}
    | {"language", "number"}
)
_WEB = re.compile(r"https?://[^\s/]")
IMAGE_KEYS = frozenset(
    {"file", "alt", "decorative", "creator", "source", "source_url", "licence", "rights_until"}
)
REFERENCE_KEYS = frozenset(
    {"text", "authors", "title", "source", "year", "volume", "pages", "doi", "pmid", "url", "seen_on"}
)
_KEYS = TEXT_KEYS | {"image", "references", "related", "topics"}
_TOPIC = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ABSENT = frozenset({"", "~", "null"})


@dataclass(frozen=True)
class Value:
    """A scalar, with its line in the file."""

    line: int
    text: str


@dataclass(frozen=True)
class FrontMatter:
    """What stands above a Markdown tip: scalars by key, image and references by their keys, related
    numbers, keys of topics (None where nothing is said of topics).
    """

    texts: Mapping[str, Value]
    image: Mapping[str, Value] | None
    references: tuple[Mapping[str, Value], ...] | None
    references_line: int
    related: tuple[Value, ...]
    topics: tuple[Value, ...] | None = None

    def text(self, key: str) -> str | None:
        """The text of a key, None when it is absent or empty."""
        value = self.texts.get(key)
        return value.text if value else None


class _Loader(yaml.BaseLoader):
    """Builds nodes only, never Python objects; an alias can grow without bound and has no use here."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "alias", self.get_mark())
        return super().compose_node(parent, index)


def read_front_matter(text: str, first_line: int) -> FrontMatter:
    """Front matter from the text between the rules; `first_line` is its line in the file.

    Raises Unreadable: front-matter (no YAML, no mapping, too long, too deep), unknown-key, key-twice,
    wrong-value, value-too-long, control-character.
    """
    if len(text) > MAX_CHARACTERS or sum(map(text.count, "[{")) > _MAX_BRACKETS:
        raise Unreadable(ImportFault(first_line, "front-matter"))
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as fault:
        at = fault.problem_mark.line if fault.problem_mark else 0
        raise Unreadable(ImportFault(first_line + at, "front-matter")) from fault
    except (yaml.YAMLError, RecursionError) as fault:
        raise Unreadable(ImportFault(first_line, "front-matter")) from fault
    return _Tree(first_line).read(node)


class _Tree:
    """Walks the nodes and gathers every fault before it refuses."""

    def __init__(self, first_line: int) -> None:
        self._first_line = first_line
        self._faults: list[ImportFault] = []

    def read(self, node: yaml.Node | None) -> FrontMatter:
        if not isinstance(node, yaml.MappingNode):
            raise Unreadable(ImportFault(self._first_line, "front-matter"))
        entries = self._entries(node, _KEYS)
        references = self._references(entries.get("references"))
        found = FrontMatter(
            texts=self._scalars({key: entries[key] for key in entries if key in TEXT_KEYS}, TIP_LENGTHS),
            image=self._image(entries.get("image")),
            references=references,
            references_line=self._line(entries["references"])
            if "references" in entries
            else self._first_line,
            related=tuple(self._related(entries.get("related"))),
            topics=tuple(self._topics(entries["topics"])) if "topics" in entries else None,
        )
        if self._faults:
            raise Unreadable(*sorted(self._faults, key=lambda fault: fault.line))
        return found

    def _line(self, node: yaml.Node) -> int:
        return int(node.start_mark.line) + self._first_line

    def _fault(self, node: yaml.Node, code: str) -> None:
        self._faults.append(ImportFault(self._line(node), code))

    def _entries(self, node: yaml.MappingNode, allowed: frozenset[str]) -> dict[str, yaml.Node]:
        entries: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in allowed:
                self._fault(key, "unknown-key")
            elif name in entries:
                self._fault(key, "key-twice")
            else:
                entries[name] = value
        return entries

    def _scalars(self, entries: Mapping[str, yaml.Node], lengths: Mapping[str, int]) -> dict[str, Value]:
        found = {key: self._scalar(node, lengths.get(key)) for key, node in entries.items()}
        return {key: value for key, value in found.items() if value is not None}

    def _scalar(self, node: yaml.Node, longest: int | None = None) -> Value | None:
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, "wrong-value")
            return None
        text = str(node.value).strip()
        if longest is not None and len(text) > longest:
            self._fault(node, "value-too-long")
        # YAML's escapes spell what a file itself was refused for.
        if without_controls(text) != text:
            self._fault(node, "control-character")
        return None if text in _ABSENT else Value(self._line(node), text)

    def _mapping(
        self, node: yaml.Node | None, allowed: frozenset[str], lengths: Mapping[str, int]
    ) -> dict[str, Value] | None:
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "wrong-value")
            return None
        return self._scalars(self._entries(node, allowed), lengths)

    def _image(self, node: yaml.Node | None) -> dict[str, Value] | None:
        image = self._mapping(node, IMAGE_KEYS, IMAGE_LENGTHS)
        source = (image or {}).get("source_url")
        # It becomes a link on the page and in the mail; "javascript:" would be one that runs (S13).
        if source is not None and not _WEB.match(source.text):
            self._faults.append(ImportFault(source.line, "wrong-value"))
        return image

    def _references(self, node: yaml.Node | None) -> tuple[Mapping[str, Value], ...] | None:
        """Each a text, or a mapping with at least a text or a title."""
        if node is None:
            return None
        found: list[Mapping[str, Value]] = []
        for item in self._items(node):
            if isinstance(item, yaml.ScalarNode):
                value = self._scalar(item)
                entry = {"text": value} if value else {}
            else:
                entry = self._mapping(item, REFERENCE_KEYS, REFERENCE_LENGTHS) or {}
            if not entry.keys() & {"text", "title"}:
                self._fault(item, "wrong-value")
            found.append(entry)
        return tuple(found)

    def _related(self, node: yaml.Node | None) -> Iterator[Value]:
        for item in self._items(node) if node else ():
            value = self._scalar(item)
            if value and re.fullmatch(r"[1-9]\d{0,4}", value.text):
                yield value
            elif value:
                self._fault(item, "wrong-value")

    def _topics(self, node: yaml.Node) -> Iterator[Value]:
        for item in self._items(node):
            value = self._scalar(item)
            if value and _TOPIC.fullmatch(value.text):
                yield value
            elif value:
                self._fault(item, "wrong-value")

    def _items(self, node: yaml.Node) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._fault(node, "wrong-value")
        return []
