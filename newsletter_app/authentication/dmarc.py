"""DMARC found by walking up the tree (RFC 9989 section 4.10): whose policy holds, and who belongs to whom.

No list of public suffixes is asked: where an organisation ends, the records themselves say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newsletter_app.authentication.asking import Resolver, Silence
from newsletter_app.authentication.tags import read_tags, records_of

MOST_LABELS: Final = 8
POLICIES: Final = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record, and the domain it stands at."""

    domain: str
    text: str

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags; values as written."""
        return read_tags(self.text)

    @property
    def psd(self) -> str:
        """Whether the domain hands out names to others: y, n or u (nobody said)."""
        return self.tags.get("psd", "u").lower()


@dataclass(frozen=True, slots=True)
class Walk:
    """What stands on the way from a domain up to the top: the longest name first."""

    start: str
    found: tuple[DmarcRecord, ...] = ()
    several: tuple[str, ...] = ()
    """Names with more than one record, which count as none."""
    unasked: tuple[tuple[str, Silence], ...] = ()

    @property
    def organisation(self) -> str:
        """Return the organisational domain (section 4.10.2)."""
        for record in self.found:
            if record.psd == "n":
                return record.domain
            if record.psd == "y" and record.domain != self.start:
                return _one_below(self.start, record.domain)
        return self.found[-1].domain if self.found else self.start

    @property
    def policy(self) -> DmarcRecord | None:
        """Return the record whose policy holds: the domain's own, its organisation's or the suffix's."""
        by_domain = {record.domain: record for record in self.found}
        suffix = next((record for record in self.found if record.psd == "y"), None)
        return by_domain.get(self.start) or by_domain.get(self.organisation) or suffix


def targets(domain: str) -> list[str]:
    """Return the names to ask at, at most eight, however many labels there are (section 4.10, steps 4 and 7).

    Of eight labels and more the second name has seven.
    """
    labels = domain.lower().rstrip(".").split(".")
    above = labels[1:] if len(labels) <= MOST_LABELS else labels[1 - MOST_LABELS :]
    return [".".join(labels), *(".".join(above[at:]) for at in range(len(above)))]


def walk(resolver: Resolver, domain: str) -> Walk:
    """Ask from ``domain`` upwards until a record says that the walk is over."""
    found: list[DmarcRecord] = []
    several: list[str] = []
    unasked: list[tuple[str, Silence]] = []
    names = targets(domain)
    for name in names:
        answer = resolver.ask(f"_dmarc.{name}", "TXT")
        if answer.silence is not None:
            unasked.append((name, answer.silence))
        texts = records_of("DMARC1", answer.values)
        if len(texts) > 1:
            several.append(name)
        elif texts:
            found.append(DmarcRecord(name, texts[0]))
            if found[-1].psd == "n" or (found[-1].psd == "y" and name != names[0]):
                break
    return Walk(names[0], tuple(found), tuple(several), tuple(unasked))


def policy_of(record: DmarcRecord, domain: str) -> str | None:
    """Return what is asked for mail from ``domain`` that fails: none, quarantine or reject (section 4.7).

    None: the record is not to be applied, since it names no known policy and nobody to report to.
    """
    tags = record.tags
    wanted = tags.get("p", "") if record.domain == domain else tags.get("sp") or tags.get("p", "")
    if wanted.lower() in POLICIES:
        return wanted.lower()
    return "none" if tags.get("rua") else None


def is_aligned(author: Walk, other: Walk, *, strict: bool) -> bool:
    """Tell whether a domain that is proven counts for the author's (section 4.4)."""
    if author.start == other.start:
        return True
    return not strict and author.organisation == other.organisation


def _one_below(start: str, suffix: str) -> str:
    labels = start.split(".")
    return ".".join(labels[-(suffix.count(".") + 2) :])
