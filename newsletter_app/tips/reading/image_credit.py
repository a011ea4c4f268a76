"""Finds a picture's words in a pasted page: the alternative text and the credit line under it."""

import re
from dataclasses import dataclass, replace

from newsletter_app.tips.reading.blocks import Block, looks_like_heading, without
from newsletter_app.tips.reading.draft import IMAGE_LENGTHS, Finding, ImageDraft
from newsletter_app.tips.reading.lines import Line

MAX_CREDIT = 160
MAX_ALT = 300

_CREDIT = re.compile(
    r"(?:(?:image|photo|picture|illustration)(?:\s(?:source|credit|by))?\s?:"
    r"|(?:source|crédit) de (?:l['’]image|la photo)\s?:"
    r"|crédit(?:\s(?:photo|image))?\s?:|(?:image|photo|illustration) (?:by|par|de)\s)\s?(?P<who>\S.*)",
    re.IGNORECASE,
)
_LICENCE = re.compile(
    r"[,.;(]?\s?(?P<licence>(?:CC[ -](?:BY|0)[\w .-]{0,20}|public domain|domaine public))\)?\.?$",
    re.IGNORECASE,
)
_LINK = re.compile(r"\(?(?P<url>https?://[^\s()]+)\)?")
_FROM = re.compile(
    r"(?P<creator>\S.*?)\s(?:from|on|via|at|sur|chez|/|\|"
    r"|de(?= (?:Pexels|Pixabay|Unsplash|Flickr|Wikimedia|iStock)))\s(?P<source>\S.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FoundImage:
    """The picture (None if there is none), the blocks without its lines, and what was odd about it."""

    image: ImageDraft | None
    blocks: list[Block]
    findings: tuple[Finding, ...]


def take_image(blocks: list[Block]) -> FoundImage:
    """Takes the first picture that a file names with its credit, else the first credit line and the
    alternative text before it, out of the blocks; reports any further picture or credit.
    """
    lines = [line for block in blocks for line in block.lines]
    credits = [line for line in lines if _credit(line.text)]
    if any(line.picture for line in lines):
        return _named_image(blocks, lines, credits)
    if not credits:
        return FoundImage(None, blocks, ())
    first, *others = credits
    alt = _alternative(blocks, first)
    findings = [Finding(line.number, "second-image", line.text) for line in others]
    if alt is None:
        findings.append(Finding(first.number, "image-without-alt", first.text))
    taken = frozenset(line.number for line in (*credits, *((alt,) if alt else ())))
    kept = [rest for block in blocks if (rest := without(block, taken))]
    return FoundImage(_parse_credit(first.text, alt.text if alt else ""), kept, tuple(findings))


def _named_image(blocks: list[Block], lines: list[Line], credits: list[Line]) -> FoundImage:
    """The first picture; its credit is the first one below it, since above it stands another's."""
    first, *others = [line for line in lines if line.picture]
    below = [line for line in credits if line.number > first.number]
    image = _parse_credit(below[0].text if below else "", first.text)
    findings = [Finding(line.number, "second-image", line.text or line.picture) for line in others]
    findings += [Finding(line.number, "second-image", line.text) for line in credits if line not in below[:1]]
    if not first.text:
        findings.append(Finding(first.number, "image-without-alt", first.picture))
    captions = [line for line in lines if line.shape == "caption" and line not in credits]
    findings += [Finding(line.number, "caption", line.text) for line in captions]
    taken = frozenset(line.number for line in (first, *others, *credits, *captions))
    kept = [rest for block in blocks if (rest := without(block, taken))]
    return FoundImage(replace(image, path=first.picture), kept, tuple(findings))


def _credit(text: str) -> re.Match[str] | None:
    found = _CREDIT.fullmatch(text) if len(text) <= MAX_CREDIT else None
    # An address in it is kept apart; the rest may be all the creator's name.
    return found if found and len(_LINK.sub("", found["who"])) <= IMAGE_LENGTHS["creator"] else None


def _alternative(blocks: list[Block], credit: Line) -> Line | None:
    """The line above the credit, or a short line that stands alone in the block before it."""
    at = next(place for place, block in enumerate(blocks) if credit in block.lines)
    place = blocks[at].lines.index(credit)
    if place:
        above = blocks[at].lines[place - 1]
        return above if len(above.text) <= MAX_ALT and not _credit(above.text) else None
    alone = at > 0 and looks_like_heading(blocks[at - 1])
    return blocks[at - 1].first if alone else None


def _parse_credit(text: str, alt: str) -> ImageDraft:
    """ "Image Source: Pixabay from Pexels" names the creator first, then where the picture was found."""
    found = _credit(text) if text else None
    who = found["who"] if found else text
    link = _LINK.search(who)
    who = _LINK.sub("", who).strip()
    licence = _LICENCE.search(who)
    who = _LICENCE.sub("", who).strip(" ,;")
    parts = _FROM.fullmatch(who)
    return ImageDraft(
        path="",
        alt=alt,
        decorative=False,
        creator=parts["creator"] if parts else who,
        source=parts["source"] if parts else "",
        source_url=link["url"] if link else "",
        licence=licence["licence"].strip() if licence else "",
    )
