"""Reads authors, title, source, year, DOI and the like out of one reference; keeps its text whole, never
corrects it.
"""

import re
from dataclasses import dataclass

from newsletter_app.tips.reading.draft import ReferenceDraft

# Nothing that people would call a reference is longer; the rest is kept as text and not searched.
_SEARCHED = 2_000

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?(10\.\d{4,9}/[^\s\"“”<>]+)", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s?(\d{1,8})\b|pubmed\.ncbi\.nlm\.nih\.gov/(\d{1,8})\b/?", re.IGNORECASE)
_URL = re.compile(
    r"https?://[^\s<>\"“”]+|\bwww\.[^\s<>\"“”]+|(?<![\w@./-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,10}/[^\s<>\"“”]*",
    re.IGNORECASE,
)
_MONTHS = {
    name: at
    for names in (
        "january february march april may june july august september october november december",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    )
    for at, name in enumerate(names.split(), start=1)
}
_MONTH = "|".join(_MONTHS)
_SEEN = re.compile(
    r"(?:accessed|retrieved|viewed|consultée?|vue?|cited)(?: on| le)?:?\s"
    rf"(?:(?P<day>\d{{1,2}})(?:er)?\s(?P<month>{_MONTH})\s(?P<year>\d{{4}})"
    rf"|(?P<month2>{_MONTH})\s(?P<day2>\d{{1,2}}),?\s(?P<year2>\d{{4}})|(?P<iso>\d{{4}}-\d\d-\d\d))",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d/.:–-])(?:1[89]|20)\d\d(?![\d/])")
_ISSUE = re.compile(
    r"(?P<year>(?:1[89]|20)\d\d)(?:\s[A-Z][a-zé]{2,8}\.?(?:\s\d{1,2})?)?\s?;\s?"
    r"(?P<volume>[A-Za-z]?\d{1,5}(?:\s?\([^()]{1,20}\))?)(?:\s?:\s?(?P<pages>[A-Za-z]{0,2}\d+(?:\s?[–-]\s?[A-Za-z]{0,2}\d+)?))?"
)
_QUOTED = re.compile(r"[“\"«]\s?([^“”\"«»]{3,300}?)\s?[”\"»]")
# A number follows these: their full stop ends nothing.
_UNENDING = "".join(rf"(?<!\b{word}\.)" for word in ("ch", "chap", "vol", "no", "p", "pp"))
_SENTENCE_END = re.compile(rf"(?<=[.?!]){_UNENDING}\s+", re.IGNORECASE)


@dataclass(frozen=True)
class _Links:
    doi: str | None
    pmid: str | None
    url: str | None
    seen_on: str | None
    rest: str


def parse_reference(text: str) -> ReferenceDraft:
    """What a reference in the usual (Vancouver-like) forms says; every part that cannot be read is None."""
    found = _links(text[:_SEARCHED])
    issue = _ISSUE.search(found.rest)
    years = _YEAR.findall(found.rest)
    head = found.rest[: issue.start()] if issue else found.rest
    authors, title, source = _authors_title_source(head, issue is not None)
    return ReferenceDraft(
        text=text,
        authors=_within(500, authors),
        title=_within(500, title),
        source=_within(300, source),
        year=issue["year"] if issue else (years[-1] if years else None),
        volume=issue["volume"] if issue else None,
        pages=issue["pages"] if issue else None,
        doi=_within(200, found.doi),
        pmid=found.pmid,
        url=_within(500, found.url),
        seen_on=found.seen_on,
    )


def _within(longest: int, part: str | None) -> str | None:
    """A part that is longer than it is kept was misread, and stands in the text anyway."""
    return part if part is not None and len(part) <= longest else None


def _links(text: str) -> _Links:
    """Takes DOI, PMID, address and date of reading off the text, so that their digits are not taken for
    years.
    """
    seen = _SEEN.search(text)
    rest = _SEEN.sub(" ", text)
    doi = _DOI.search(rest)
    rest = _DOI.sub(" ", rest)
    pmid = _PMID.search(rest)
    rest = re.sub(_PMID, " ", rest)
    url = _URL.search(rest)
    rest = _URL.sub(" ", rest)
    return _Links(
        doi=_trimmed(doi[1]).lower() if doi else None,
        pmid=(pmid[1] or pmid[2]) if pmid else None,
        url=_absolute(_trimmed(url[0])) if url else None,
        seen_on=_date(seen) if seen else None,
        rest=" ".join(rest.split()),
    )


def _trimmed(link: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket stays when the link opened it."""
    while link and (link[-1] in ".,;:'’»!?" or (link[-1] in ")]}" and _unopened(link))):
        link = link[:-1]
    return link


def _unopened(link: str) -> bool:
    closing = link[-1]
    return link.count({")": "(", "]": "[", "}": "{"}[closing]) < link.count(closing)


def _absolute(link: str) -> str:
    return link if link.lower().startswith(("http://", "https://")) else f"https://{link}"


def _date(seen: re.Match[str]) -> str | None:
    if seen["iso"]:
        return seen["iso"]
    day, month, year = (seen[name] or seen[f"{name}2"] for name in ("day", "month", "year"))
    return f"{int(year):04d}-{_MONTHS[month.lower()]:02d}-{int(day):02d}"


def _authors_title_source(head: str, in_journal: bool) -> tuple[str | None, str | None, str | None]:
    """Authors end at the first full stop; with an issue the last part is the journal; a title in quotes is
    the title.
    """
    quoted = _QUOTED.search(head)
    if quoted:
        after = _parts(head[quoted.end() :])
        return _bare(head[: quoted.start()]), _bare(quoted[1]), (after[0] if after else None)
    parts = _parts(head)
    if not parts:
        return None, None, None
    if len(parts) == 1:
        return None, None, parts[0]
    if len(parts) == 2:
        return (parts[0], None, parts[1]) if in_journal else (parts[0], parts[1], None)
    return parts[0], ". ".join(parts[1:-1]), parts[-1]


def _parts(text: str) -> list[str]:
    return [part for part in (_bare(piece) for piece in _SENTENCE_END.split(text)) if part]


def _bare(text: str) -> str | None:
    return text.strip(" .,;:") or None
