"""SPF evaluated as a receiver does it (RFC 7208 section 4): may this address send for this domain?

It tells besides how near the record is to the limits beyond which it counts for nobody: ten terms that ask
the DNS, two of them in vain (section 4.6.4).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from newsletter_app.authentication.asking import Answer, Kind, Resolver, Silence
from newsletter_app.authentication.spf_macros import Letter, expand
from newsletter_app.authentication.spf_record import (
    LOOKING_UP,
    SpfFault,
    SpfRecord,
    Term,
    read_spf,
    spf_records,
)

MOST_LOOKUPS: Final = 10
MOST_VOIDS: Final = 2
MOST_NAMES: Final = 10  # Of an MX or PTR answer.
# An address for documentation (RFC 5737): it matches nothing, so that every term is looked at.
NOBODY: Final = "192.0.2.1"


class Result(StrEnum):
    """What a receiver concludes (section 2.6)."""

    passed = "pass"
    failed = "fail"
    softfail = "softfail"
    neutral = "neutral"
    none = "none"
    permerror = "permerror"
    temperror = "temperror"


_BY_QUALIFIER: Final = {"+": Result.passed, "-": Result.failed, "~": Result.softfail, "?": Result.neutral}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it, what it took, and why where it did not work: a code and the term or name to blame."""

    result: Result
    record: str = ""
    lookups: int = 0
    voids: int = 0
    includes: tuple[str, ...] = ()
    code: str = ""
    where: str = ""
    silence: Silence | None = None


class _Unasked(Exception):
    """A name could not be asked for, so that nothing can be said of the whole."""

    def __init__(self, name: str, silence: Silence) -> None:
        super().__init__(name, silence)
        self.name = name
        self.silence = silence


@dataclass(slots=True)
class _Evaluation:
    """One evaluation under way, with what it has used up."""

    resolver: Resolver
    letter: Letter
    lookups: int = 0
    voids: int = 0
    includes: list[str] = field(default_factory=list)
    record: str = ""

    def of_domain(self, domain: str) -> Result:
        """Return the result for ``domain``. Raises SpfFault and _Unasked."""
        texts = spf_records(self._ask(domain, "TXT", counts=False).values)
        if not texts:
            return Result.none
        self.record = self.record or texts[0]
        if len(texts) > 1:
            raise SpfFault("spf-several", domain)
        return self._of_record(read_spf(texts[0]), domain)

    def _of_record(self, record: SpfRecord, domain: str) -> Result:
        for term in record.terms:
            if self._matches(term, domain):
                return _BY_QUALIFIER[term.qualifier]
        if not record.redirect:
            return Result.neutral
        self._count()
        target = expand(record.redirect, self.letter, domain)
        self.includes.append(target)
        result = self.of_domain(target)
        if result is Result.none:
            raise SpfFault("spf-include-missing", target)
        return result

    def _matches(self, term: Term, domain: str) -> bool:
        if term.name == "all":
            return True
        if term.network is not None:
            return self.letter.address in term.network
        if term.name in LOOKING_UP:
            self._count()
        target = expand(term.domain, self.letter, domain) if term.domain else domain
        if term.name == "include":
            return self._includes(target)
        if term.name == "exists":
            return bool(self._ask(target, "A").values)
        if term.name == "ptr":
            return self._is_named(target)
        return any(self._leads_here(host, term) for host in self._hosts(term, target))

    def _includes(self, target: str) -> bool:
        self.includes.append(target)
        result = self.of_domain(target)
        if result is Result.none:
            raise SpfFault("spf-include-missing", target)
        return result is Result.passed

    def _hosts(self, term: Term, target: str) -> list[str]:
        if term.name == "a":
            return [target]
        hosts = [value.partition(" ")[2] for value in self._ask(target, "MX").values]
        if len(hosts) > MOST_NAMES:
            raise SpfFault("spf-too-many-lookups", f"mx:{target}")
        return [host for host in hosts if host not in ("", ".")]

    def _leads_here(self, host: str, term: Term) -> bool:
        here = self.letter.address
        length = term.lengths[0] if here.version == 4 else term.lengths[1]
        return any(
            here in ipaddress.ip_network(f"{address}/{length}", strict=False)
            for address in self._ask(host, self._kind).values
        )

    def _is_named(self, target: str) -> bool:
        # An error while the name of the address is asked for means no match (section 5.5).
        names = self.resolver.ask(str(self.letter.address), "PTR").values[:MOST_NAMES]
        return any(
            str(self.letter.address) in self.resolver.ask(name, self._kind).values
            for name in names
            if name == target or name.endswith(f".{target}")
        )

    @property
    def _kind(self) -> Kind:
        return "A" if self.letter.address.version == 4 else "AAAA"

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise SpfFault("spf-too-many-lookups")

    def _ask(self, name: str, kind: Kind, *, counts: bool = True) -> Answer:
        answer = self.resolver.ask(name, kind)
        if answer.silence is not None:
            raise _Unasked(name, answer.silence)
        if counts and answer.is_void:
            self.voids += 1
            if self.voids > MOST_VOIDS:
                raise SpfFault("spf-too-many-voids", name)
        return answer


def evaluate(resolver: Resolver, domain: str, address: str = NOBODY, *, ehlo: str = "") -> Verdict:
    """Return what a receiver concludes of mail from ``address`` whose envelope sender is at ``domain``.

    Without an address every term is looked at, as by the mail of a server that only the last one names.
    """
    letter = Letter(ipaddress.ip_address(address), f"bounces@{domain}", ehlo or domain)
    under_way = _Evaluation(resolver, letter)
    code, where, silence = "", "", None
    try:
        result = under_way.of_domain(domain)
    except SpfFault as fault:
        result, code, where = Result.permerror, fault.code, fault.where
    except _Unasked as unasked:
        result, where, silence = Result.temperror, unasked.name, unasked.silence
    used = under_way.lookups, under_way.voids, tuple(under_way.includes)
    return Verdict(result, under_way.record, *used, code, where, silence)
