"""What speaks against the links of a mail by what was found when they were tried, as pure decisions (M57)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.tips import health

Outcome = Literal["alive", "gone", "untrusted", "unsure"]
UNTRIED: Final = "links-untried"
# A browser shows a warning in place of such a page. Of a source it is not said: who reads for science
# goes on, and mails are for everybody.
UNTRUSTED: Final = "untrusted"
_FINDINGS: Final[Mapping[Outcome, tuple[str, str]]] = {
    "gone": ("link-gone", BLOCKS),
    "untrusted": ("link-untrusted", BLOCKS),
    "unsure": ("link-unsure", WARNS),
}
LinksByLanguage = Mapping[str, Sequence[tuple[str, str]]]


class Tried(NamedTuple):
    """What was found at an address, a status or a code of FetchRefused, and when."""

    found: str
    tried_at: datetime


def outcome(found: str) -> Outcome:
    """Tell what was found: who is too slow, at fault (5xx) or refuses machines (403, 429) is not gone."""
    if found == UNTRUSTED:
        return "untrusted"
    state = health(found)
    return "gone" if state == "dead" else "alive" if state == "alive" else "unsure"


def tried_findings(links: LinksByLanguage, tried: Mapping[str, Tried]) -> list[Finding]:
    """Return the ``links`` (addresses and words, by language) that lead nowhere, or may; each once."""
    found = (
        finding
        for language, theirs in links.items()
        for address, words in theirs
        if address in tried
        for finding in _of_one(address, words, tried[address], language)
    )
    return list(dict.fromkeys(found))


def untried_findings(links: LinksByLanguage, tried: Mapping[str, Tried]) -> list[Finding]:
    """Return one hint for all links that nobody has tried lately, with their number."""
    untried = {address for theirs in links.values() for address, _words in theirs if address not in tried}
    return [Finding(UNTRIED, WARNS, "", str(len(untried)))] if untried else []


def _of_one(address: str, words: str, seen: Tried, where: str) -> Iterator[Finding]:
    told = _FINDINGS.get(outcome(seen.found))
    if told is not None:
        code, level = told
        link = f"“{words}” → {address}" if words else address
        yield Finding(code, level, where, f"{link} ({_proof(seen)})")


def _proof(seen: Tried) -> str:
    """Return the status and the day, which are the same in every language."""
    status = f"{seen.found}, " if seen.found.isdecimal() else ""
    return f"{status}{seen.tried_at.date().isoformat()}"
