"""Reads a review back: every value checked as if a stranger had written it, every fault at its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import yaml

from newsletter_app.imports.review import ABOUT, IMAGE, KEYS, PLACE, REFERENCE, TEXTS, Entry
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips import (
    IMAGE_LENGTHS,
    REFERENCE_LENGTHS,
    TIP_LENGTHS,
    ImageDraft,
    ImportFault,
    ReferenceDraft,
    TipDraft,
    Unreadable,
    without_controls,
)

MAX_BYTES: Final = 20_000_000
MAX_DEPTH: Final = 6
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,4}")
_LENGTHS: Final[Mapping[str, int]] = {**TIP_LENGTHS, "group": 200}
_OTHER_THAN_WORDS: Final = ("file", "decorative", "rights_until")
_WEB: Final = re.compile(r"https?://[^\s/]")


_WRITTEN: Final = frozenset({*TEXTS, *ABOUT, *PLACE})
# libyaml is many times faster; where a machine has it not, Python's own reads the same.
_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_review(content: bytes) -> list[Entry]:
    """Return the entries that stand in a review.

    Raises Unreadable with every fault at its line: too-long, not-text, review, unknown-key, key-twice,
    wrong-value, value-too-long, no-title.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(ImportFault(1, "too-long"))
    try:
        text = content.decode("utf-8-sig")
        _check_shape(text)
        node = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError as fault:
        raise Unreadable(ImportFault(1, "not-text")) from fault
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise Unreadable(ImportFault(line, "review")) from fault
    except (yaml.YAMLError, RecursionError) as fault:
        raise Unreadable(ImportFault(1, "review")) from fault
    return _Reader().read(node)


def _check_shape(text: str) -> None:
    """Refuse aliases, which can grow without bound, and depth, over which libyaml takes the process down."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or isinstance(event, yaml.AliasEvent):
            raise Unreadable(ImportFault(event.start_mark.line + 1 if event.start_mark else 1, "review"))


class _Reader:
    """Walks the nodes, gathers every fault, and refuses at the end; nothing is built but texts."""

    def __init__(self) -> None:
        self._faults: list[ImportFault] = []

    def read(self, root: yaml.Node | None) -> list[Entry]:
        """Return the entries. Raises Unreadable."""
        if not isinstance(root, yaml.SequenceNode):
            raise Unreadable(ImportFault(1, "review"))
        entries = [self._entry(node) for node in root.value]
        if self._faults:
            raise Unreadable(*sorted(set(self._faults), key=lambda fault: fault.line))
        return [entry for entry in entries if entry is not None]

    def _entry(self, node: yaml.Node) -> Entry | None:
        nodes = self._mapping(node, KEYS)
        texts = {name: self._scalar(nodes[name], _LENGTHS.get(name)) for name in nodes.keys() & _WRITTEN}
        if not texts.get("title", "").strip():
            self._fault(node, "no-title")
        draft = TipDraft(
            number=self._number(nodes.get("number")),
            language=self._one_of(nodes.get("language") or node, LANGUAGES),
            references=tuple(self._reference(one) for one in self._items(nodes.get("references"))),
            related=tuple(
                number for one in self._items(nodes.get("related")) if (number := self._number(one))
            ),
            image=self._image(nodes.get("image")),
            reviewed_on=self._day(nodes.get("reviewed_on")),
            review_due=self._day(nodes.get("review_due")),
            topics=self._topics(nodes.get("topics")),
            notice=texts.get("notice") or None,
            slug=texts.get("slug") or None,
            reviewed_by=texts.get("reviewed_by") or None,
            title=texts.get("title", ""),
            lead=texts.get("lead", ""),
            body=texts.get("body", ""),
            disclaimer=texts.get("disclaimer", ""),
        )
        source, member, place, group, published_at = (texts.get(name, "") for name in PLACE)
        return Entry(draft, source, member, place, group, published_at)

    def _image(self, node: yaml.Node | None) -> ImageDraft | None:
        if node is None:
            return None
        nodes = self._mapping(node, frozenset(IMAGE))
        texts = {name: self._scalar(one, IMAGE_LENGTHS.get(name)) for name, one in nodes.items()}
        # It becomes a link on the page and in the mail; "javascript:" would be one that runs (S13).
        if texts.get("source_url") and not _WEB.match(texts["source_url"]):
            self._fault(nodes["source_url"], "wrong-value")
        decorative = self._one_of(nodes["decorative"], ("true", "false")) if "decorative" in nodes else ""
        facts = {name: texts.get(name, "") for name in IMAGE if name not in _OTHER_THAN_WORDS}
        until = self._day(nodes.get("rights_until"))
        return ImageDraft(texts.get("file", ""), decorative=decorative == "true", rights_until=until, **facts)

    def _reference(self, node: yaml.Node) -> ReferenceDraft:
        nodes = self._mapping(node, frozenset(REFERENCE))
        texts = {name: self._scalar(one, REFERENCE_LENGTHS.get(name)) for name, one in nodes.items()}
        if not texts.get("text", "").strip():
            self._fault(node, "wrong-value")
        # It becomes a link, too.
        if texts.get("url") and not _WEB.match(texts["url"]):
            self._fault(nodes["url"], "wrong-value")
        texts["seen_on"] = self._day(nodes.get("seen_on")) or ""
        facts: dict[str, Any] = {name: texts.get(name) or None for name in REFERENCE if name != "text"}
        return ReferenceDraft(text=texts.get("text", ""), **facts)

    def _topics(self, node: yaml.Node | None) -> tuple[str, ...] | None:
        return tuple(self._scalar(one, 40) for one in self._items(node)) if node is not None else None

    def _number(self, node: yaml.Node | None) -> int | None:
        text = self._scalar(node, 6) if node is not None else ""
        if node is not None and text and not _NUMBER.fullmatch(text):
            self._fault(node, "wrong-value")
            return None
        return int(text) if text else None

    def _day(self, node: yaml.Node | None) -> str | None:
        text = self._scalar(node, 10) if node is not None else ""
        try:
            return date.fromisoformat(text).isoformat() if text else None
        except ValueError:
            self._fault(node, "wrong-value")
            return None

    def _one_of(self, node: yaml.Node, known: Sequence[str]) -> str:
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if text not in known:
            self._fault(node, "wrong-value")
        return text

    def _mapping(self, node: yaml.Node, allowed: frozenset[str]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "wrong-value")
            return {}
        entries: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in allowed or name in entries:
                self._fault(key, "key-twice" if name in entries else "unknown-key")
            entries[name] = value
        return {name: one for name, one in entries.items() if name in allowed}

    def _items(self, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None or isinstance(node, yaml.SequenceNode):
            return list(node.value) if node else []
        self._fault(node, "wrong-value")
        return []

    def _scalar(self, node: yaml.Node, longest: int | None) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, "wrong-value")
            return ""
        text = str(node.value).strip()
        if longest is not None and len(text) > longest:
            self._fault(node, "value-too-long")
        if without_controls(text) != text:
            self._fault(node, "control-character")
        return text

    def _fault(self, node: yaml.Node | None, code: str) -> None:
        self._faults.append(ImportFault(int(node.start_mark.line) + 1 if node else 1, code))
