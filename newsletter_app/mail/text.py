"""A sanitised HTML fragment as readable plain text; refuses nothing, leaves out what has no words.

Wrapped at ASCII spaces only, so that French no-break spaces keep « words : » together.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count

_WIDTH = 72
_LONGEST_INLINE_ADDRESS = 30

_SPACES = re.compile(r"[ \t\r\n\f]+")
_SPACE_RUN = re.compile(r" {2,}")
_BREAK = re.compile(r" ?\n ?")
# Marks that belong to the word before them, with the no-break space French puts there.
_CLOSING_MARKS = re.compile("[\u00a0\u202f]?[.,;:!?…»)\\]”’\"']+")

_HEADINGS = {"h1": "=", "h2": "=", "h3": "-", "h4": "-", "h5": "-", "h6": "-"}
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "header", "footer", "figure", "figcaption", "address", "pre"}
    | {"table", "dl", "dt", "dd"}
)
_SILENT = frozenset({"script", "style", "head", "title", "template"})


def render(html: str) -> str:
    """Return `html`, a fragment without slot marks, as plain text in lines of 72 characters, LF line ends.

    Headings are underlined, list items marked and indented, quotations begin with "> ", blocks stand apart
    by an empty line. A link shows its words and its address, a long address on a line of its own; a link
    within the fragment, such as a citation's "[1]", its words only. A word or an address is never cut.
    """
    renderer = _Renderer()
    renderer.feed(html)
    renderer.close()
    return renderer.text()


class _Indent:
    """What stands before the lines of one level: once `first`, then `rest`."""

    def __init__(self, first: str, rest: str) -> None:
        self._first, self._rest = first, rest

    @property
    def rest(self) -> str:
        """What stands before every line but the first."""
        return self._rest

    @property
    def fresh(self) -> bool:
        """Tell whether nothing of this level has been written yet."""
        return self._first != self._rest

    def take(self) -> str:
        """Return what stands before the next line."""
        taken, self._first = self._first, self._rest
        return taken


class _Renderer(HTMLParser):
    """Walk the fragment once: words gather until a block begins or ends, then leave as wrapped lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._words: list[str] = []
        self._indents: list[_Indent] = []
        self._lists: list[Iterator[int] | None] = []
        self._link: tuple[str, int] | None = None
        self._address = ""
        self._gap: str | None = None
        self._silent = 0

    def text(self) -> str:
        """Return what was gathered, without an empty line at either end, with one final line end."""
        self._flush()
        return "\n".join(self._lines).strip("\n") + "\n" if self._lines else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, or note a link, an image or a break."""
        values = dict(attrs)
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self._put("\n")
        elif tag == "img":
            self._put(values.get("alt") or "")
        elif tag == "a":
            self._release_address()
            self._link = (values.get("href") or "", len(self._words))
        elif tag in ("td", "th"):
            self._put(" | " if self._words else "")
        elif tag in ("ul", "ol"):
            self._begin_list(values.get("start") or "1" if tag == "ol" else "")
        elif tag == "li":
            self._begin_item()
        elif tag == "blockquote":
            self._end_block()
            self._indents.append(_Indent("> ", "> "))
        elif tag == "hr":
            self._end_block()
            self._put("---")
            self._end_block()
        elif tag == "tr":
            self._flush()
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._end_block()

    def handle_endtag(self, tag: str) -> None:
        """End a block or a link. Sanitised HTML is balanced; a stray end tag ends a block."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            self._end_link()
        elif tag in _HEADINGS:
            self._flush(_HEADINGS[tag])
            self._stand_apart()
        elif tag in ("ul", "ol"):
            self._flush()
            if self._lists:
                self._lists.pop()
            self._part_list()
        elif tag == "li":
            self._flush()
            self._gap = None
            if self._indents:
                self._indents.pop()
        elif tag == "blockquote":
            self._end_block()
            if self._indents:
                self._indents.pop()
        elif tag == "tr":
            self._flush()
        elif tag in _BLOCKS:
            self._end_block()

    def handle_data(self, data: str) -> None:
        """Gather words, their white space collapsed as a browser would."""
        if self._silent:
            return
        words = _SPACES.sub(" ", data)
        if self._address and (marks := _CLOSING_MARKS.match(words)):
            self._words.append(marks[0])
            words = words[marks.end() :]
        self._put(words)

    def _put(self, words: str) -> None:
        if words:
            self._release_address()
            self._words.append(words)

    def _end_link(self) -> None:
        """Show the address after the words, unless the words are the address or it leads nowhere else."""
        if self._link is None:
            return
        address, start = self._link
        self._link = None
        words = "".join(self._words[start:]).strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if not address or address.startswith("#") or words in (address, bare):
            return
        if words and address in (f"https://{words}", f"http://{words}"):
            # "www.example.org" would stand there twice; the whole address says it once, and can be pressed.
            del self._words[start:]
            words = ""
        if len(bare) <= _LONGEST_INLINE_ADDRESS:
            self._words.append(f" ({bare})" if words else bare)
        else:
            self._address = bare

    def _release_address(self) -> None:
        """Write a long address on its own line, free of the marks around it, which would become part of it.

        It waits for the text after the link, so that the sentence's full stop stays with its words.
        """
        if self._address:
            self._words.append(f"\n{self._address}\n")
            self._address = ""

    def _begin_list(self, start: str) -> None:
        """Begin a list numbered from `start`, or one without numbers if that is empty."""
        self._flush()
        self._part_list()
        first = int(start) if start.isdecimal() else 1
        self._lists.append(count(first) if start else None)

    def _begin_item(self) -> None:
        self._flush()
        numbers = self._lists[-1] if self._lists else None
        first = "- " if numbers is None else f"{next(numbers)}. "
        self._indents.append(_Indent(first, " " * len(first)))

    def _part_list(self) -> None:
        """Set a whole list apart; a list within an item stays close to it."""
        self._gap = None
        if not self._lists:
            self._stand_apart()

    def _end_block(self) -> None:
        self._flush()
        # The first words of an item stand beside its mark, whatever block they are in.
        if not (self._indents and self._indents[-1].fresh):
            self._stand_apart()

    def _stand_apart(self) -> None:
        """Ask for an empty line before the next words, on the outermost level between them and the last."""
        gap = "".join(indent.rest for indent in self._indents).rstrip(" ")
        if self._gap is None or len(gap) < len(self._gap):
            self._gap = gap

    def _flush(self, underline: str = "") -> None:
        """Write the gathered words, if any, as lines of this level."""
        self._release_address()
        words = _BREAK.sub("\n", _SPACE_RUN.sub(" ", "".join(self._words))).strip(" \n")
        self._words.clear()
        if not words:
            return
        if self._gap is not None and self._lines:
            self._lines.append(self._gap)
        self._gap = None
        room = _WIDTH - sum(len(indent.rest) for indent in self._indents)
        lines = [wrapped for line in words.split("\n") for wrapped in _wrap(line, room)]
        if underline:
            lines.append(underline * max(map(len, lines)))
        for line in lines:
            before = "".join([indent.take() for indent in self._indents])
            self._lines.append(f"{before}{line}".rstrip(" "))


def _wrap(text: str, room: int) -> Iterator[str]:
    """Break a line at single spaces into lines of `room` characters; a longer word has its own line."""
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
