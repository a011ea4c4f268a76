"""Reads a tip written in Markdown, with or without front matter: one file is one side; refuses marks without
references.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips.reading.draft import (
    Finding,
    ImageDraft,
    ImportFault,
    Reading,
    ReferenceDraft,
    TipDraft,
    Unreadable,
)
from newsletter_app.tips.reading.front_matter import FrontMatter, Value, read_front_matter
from newsletter_app.tips.reading.languages import guess_language
from newsletter_app.tips.reading.lines import Line
from newsletter_app.tips.reading.markdown_body import Body, sort_body
from newsletter_app.tips.reading.reference_list import check_numbers
from newsletter_app.tips.reading.references import parse_reference
from newsletter_app.tips.reading.titles import Title, any_title, named_title

_RULE = "---"
_EMPTY = FrontMatter({}, None, None, 1, ())
_MARK = re.compile(r"\[\^([^\]\s]{1,20})\]")
_TRUE = frozenset({"true", "yes", "oui"})
_FALSE = frozenset({"false", "no", "non"})


def has_front_matter(lines: Sequence[Line]) -> bool:
    """Whether the first line opens front matter and a later one closes it."""
    return (
        bool(lines)
        and lines[0].text.rstrip() == _RULE
        and any(line.text.rstrip() == _RULE for line in lines[1:])
    )


def read_markdown(lines: tuple[Line, ...], language: str | None, default_language: str) -> Reading:
    """A draft from the numbered lines of a Markdown file.

    `language` is what the caller knows and must agree with the front matter; when neither says, the words
    decide. Raises Unreadable: front-matter, unknown-key, key-twice, wrong-value, no-title, two-titles,
    disclaimer-twice, references-twice, reference-gap, reference-twice, mark-without-reference,
    language-differs.
    """
    front, rest = _split(lines)
    body = sort_body(rest)
    title = _title(front, body.titles)
    references = _references(front, body.definitions)
    disclaimer = _disclaimer(front, body.disclaimer)
    lead, text = _lead(front, body.text)
    _check_marks(front, body, len(references))
    draft = TipDraft(
        number=_number(front) or title.number,
        language=_language(front, language)
        or guess_language(f"{title.text} {lead} {text}")
        or default_language,
        title=title.text,
        lead=lead,
        body=text,
        disclaimer=disclaimer,
        image=_image(front.image),
        references=references,
        notice=front.text("notice"),
        related=tuple(dict.fromkeys(int(value.text) for value in front.related)),
        slug=front.text("slug"),
        reviewed_by=front.text("reviewed_by"),
        reviewed_on=_day(front, "reviewed_on"),
        review_due=_day(front, "review_due"),
        topics=tuple(value.text for value in front.topics) if front.topics is not None else None,
    )
    cited = {int(mark) for mark in _MARK.findall(f"{lead}\n{text}\n{disclaimer}") if mark.isdecimal()}
    uncited = [
        Finding(front.references_line, "reference-not-cited", reference.text)
        for number, reference in enumerate(references, start=1)
        if number not in cited
    ]
    return Reading(draft, (), (*body.odd, *uncited))


def _split(lines: tuple[Line, ...]) -> tuple[FrontMatter, tuple[Line, ...]]:
    if not has_front_matter(lines):
        return _EMPTY, lines
    end = next(at for at, line in enumerate(lines) if at and line.text.rstrip() == _RULE)
    text = "\n".join(line.text for line in lines[1:end])
    return read_front_matter(text, lines[1].number), lines[end + 1 :]


def _title(front: FrontMatter, titles: list[Line]) -> Title:
    given = front.texts.get("title")
    if len(titles) + bool(given) > 1:
        raise Unreadable(ImportFault(titles[-1].number, "two-titles"))
    if given:
        return _numbered_once(given.text, _number(front))
    found = any_title(titles[0].text) if titles else None
    if found is None:
        raise Unreadable(ImportFault(titles[0].number if titles else 1, "no-title"))
    return found


def _numbered_once(text: str, number: int | None) -> Title:
    """The title without the number it begins with, unless the front matter gives the tip another one."""
    named = named_title(text)
    return named if named and number in (None, named.number) else Title(None, text)


def _number(front: FrontMatter) -> int | None:
    value = front.texts.get("number")
    if value and not re.fullmatch(r"[1-9][0-9]{0,4}", value.text):
        raise Unreadable(ImportFault(value.line, "wrong-value"))
    return int(value.text) if value else None


def _language(front: FrontMatter, known: str | None) -> str | None:
    value = front.texts.get("language")
    if value and value.text not in LANGUAGES:
        raise Unreadable(ImportFault(value.line, "wrong-value"))
    if value and known and value.text != known:
        raise Unreadable(ImportFault(value.line, "language-differs"))
    return value.text if value else known


def _day(front: FrontMatter, key: str) -> str | None:
    return _as_day(front.texts.get(key))


def _as_day(value: Value | None) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value.text).isoformat()
    except ValueError as fault:
        raise Unreadable(ImportFault(value.line, "wrong-value")) from fault


def _image(entries: Mapping[str, Value] | None) -> ImageDraft | None:
    if entries is None:
        return None
    texts = {key: value.text for key, value in entries.items()}
    flag = entries.get("decorative")
    if flag and flag.text.lower() not in _TRUE | _FALSE:
        raise Unreadable(ImportFault(flag.line, "wrong-value"))
    return ImageDraft(
        path=texts.get("file", ""),
        alt=texts.get("alt", ""),
        decorative=texts.get("decorative", "").lower() in _TRUE,
        creator=texts.get("creator", ""),
        source=texts.get("source", ""),
        source_url=texts.get("source_url", ""),
        licence=texts.get("licence", ""),
        rights_until=_as_day(entries.get("rights_until")),
    )


def _references(front: FrontMatter, definitions: list[tuple[str, Line]]) -> tuple[ReferenceDraft, ...]:
    """References stand in the front matter or under the text as `[^1]: …`, not in both."""
    if not definitions:
        return tuple(_reference(entry) for entry in front.references or ())
    if front.references:
        raise Unreadable(ImportFault(definitions[0][1].number, "references-twice"))
    wrong = [line.number for mark, line in definitions if not mark.isdecimal() or not line.text]
    if wrong:
        raise Unreadable(*(ImportFault(number, "wrong-value") for number in wrong))
    check_numbers([(int(mark), line.number) for mark, line in definitions])
    return tuple(parse_reference(line.text) for _, line in definitions)


def _reference(entry: Mapping[str, Value]) -> ReferenceDraft:
    """What an editor wrote by key stands above what can be read out of the text."""
    given = {key: value.text for key, value in entry.items()}
    if "text" not in given:
        order = ("authors", "title", "source", "year", "volume", "pages", "doi", "url")
        given["text"] = ". ".join(given[key].rstrip(".") for key in order if key in given) + "."
    return replace(parse_reference(given["text"]), **given)


def _disclaimer(front: FrontMatter, section: list[Line]) -> str:
    given = front.texts.get("disclaimer")
    text = _joined(section)
    if given and text:
        raise Unreadable(ImportFault(section[0].number, "disclaimer-twice"))
    return given.text if given else text


def _lead(front: FrontMatter, lines: list[Line]) -> tuple[str, str]:
    """Without a `lead` key the first paragraph is the lead, where one stands before the first heading."""
    text = _joined(lines)
    given = front.text("lead")
    if given:
        return given, text
    first, _, rest = text.partition("\n\n")
    if not first or first.startswith(("#", "- ", "* ", "+ ", "1.", ">")):
        return "", text
    return " ".join(first.split("\n")), rest.strip("\n")


def _joined(lines: Sequence[Line]) -> str:
    """The lines with single blank lines between paragraphs."""
    kept = [line.text.rstrip() for line in lines]
    parted = [text for at, text in enumerate(kept) if text or (at and kept[at - 1])]
    return "\n".join(parted).strip("\n")


def _check_marks(front: FrontMatter, body: Body, count: int) -> None:
    known = {str(number) for number in range(1, count + 1)}
    keyed = [front.texts[key] for key in ("lead", "disclaimer") if key in front.texts]
    places = [(value.line, value.text) for value in keyed]
    places += [(line.number, line.text) for line in (*body.text, *body.disclaimer)]
    faults = [
        ImportFault(number, "mark-without-reference")
        for number, text in places
        for mark in _MARK.findall(text)
        if mark not in known
    ]
    if faults:
        raise Unreadable(*faults)
