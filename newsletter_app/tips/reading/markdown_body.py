"""Sorts the lines of a Markdown tip by their place: title, text, disclaimer, definitions; changes no line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from newsletter_app.tips.reading.disclaimers import is_disclaimer_heading
from newsletter_app.tips.reading.draft import Finding
from newsletter_app.tips.reading.lines import Line

_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_DEFINITION = re.compile(r"\[\^([^\]\s]{1,20})\]:\s*(.*)")
_ODD = {
    "html": re.compile(r"<[A-Za-z/!?]"),
    "image-in-text": re.compile(r"!\[(?!\^)"),
    "heading-underlined": re.compile(r"(?:={2,}|-{2,})\s*"),
}


@dataclass(frozen=True)
class Body:
    """The lines under the front matter by their place."""

    titles: list[Line]
    text: list[Line]
    disclaimer: list[Line]
    definitions: list[tuple[str, Line]]
    odd: list[Finding]


def sort_body(lines: Sequence[Line]) -> Body:
    """Titles (`#`), the disclaimer's section and reference definitions leave the text; code between fences is
    left alone.
    """
    body = Body([], [], [], [], [])
    target = body.text
    fenced = False
    above = ""
    for line in lines:
        fenced ^= line.text.startswith(("```", "~~~"))
        heading = None if fenced else _HEADING.fullmatch(line.text.rstrip())
        definition = None if fenced else _DEFINITION.fullmatch(line.text)
        if heading and len(heading[1]) <= 2:
            target = body.disclaimer if is_disclaimer_heading(heading[2]) else body.text
        if heading and len(heading[1]) == 1:
            body.titles.append(replace(line, text=heading[2]))
        elif definition:
            body.definitions.append((definition[1], replace(line, text=definition[2].strip())))
        elif not (heading and target is body.disclaimer):
            target.append(line)
            body.odd.extend(_odd(line, above))
        above = line.text.strip()
    return body


def _odd(line: Line, above: str) -> list[Finding]:
    """HTML, pictures and underlined headings stay as they are, but no tip shows them as meant."""
    found = [code for code in ("html", "image-in-text") if _ODD[code].search(line.text)]
    if above and _ODD["heading-underlined"].fullmatch(line.text):
        found.append("heading-underlined")
    return [Finding(line.number, code, line.text) for code in found]
