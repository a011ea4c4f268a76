"""A page as its elements, for tests that look at structure rather than at text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
TYPED = frozenset({"button", "input"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass
class Element:
    """One element with its attributes, its text (descendants' too) and its ancestors' tags."""

    tag: str
    attributes: dict[str, str]
    ancestors: tuple[Element, ...] = ()
    texts: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    @property
    def text(self) -> str:
        """The words in it, white space made plain."""
        return " ".join("".join(self.texts).split())


class Page(HTMLParser):
    """Every element of a page in document order; refuses tags that do not nest or that lack what they are."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, [element.tag for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        assert tag not in TYPED or "type" in names, f"<{tag}> does not say what it is: {attrs}"
        # A role takes a heading's own away: it is no heading any more for who cannot see it.
        assert tag not in HEADINGS or "role" not in names, f"<{tag}> is no heading: {attrs}"  # A6
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert opened.tag == tag, f"</{tag}> closes <{opened.tag}>"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.texts.append(data)

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Return the elements with this tag and these attributes."""
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element[name.rstrip("_")] == text for name, text in wanted.items())
        ]

    def one(self, tag: str, **wanted: str) -> Element:
        """Return the only element with this tag and these attributes."""
        (element,) = self.all(tag, **wanted)
        return element

    def values(self, name: str) -> list[str]:
        """Return the values of the fields with this name in the page's main part."""
        main = self.one("main")
        return [element["value"] for element in self.all("input", name=name) if main in element.ancestors]
