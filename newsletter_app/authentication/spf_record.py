"""An SPF record taken apart (RFC 7208 sections 4.5–6): its terms in order; a faulty one is refused."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Name = Literal["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MECHANISM: Final = re.compile(r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:(:)(.*))?", re.I)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.I)
_LENGTHS: Final = re.compile(r"(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?")
_ONE_LENGTH: Final = re.compile(r"/(?:0|[1-9]\d{0,2})")
_WANT_DOMAIN: Final = ("include", "exists")
# Who asks the DNS, and so counts among the ten (RFC 7208 section 4.6.4); ``redirect`` does, too.
LOOKING_UP: Final = ("include", "a", "mx", "ptr", "exists")


class SpfFault(Exception):
    """A record that nobody can evaluate ("permerror"): a code, and the term or name that is to blame."""

    def __init__(self, code: str, where: str = "") -> None:
        """Keep both."""
        super().__init__(code, where)
        self.code = code
        self.where = where


@dataclass(frozen=True, slots=True)
class Term:
    """One mechanism: who passes (+), fails (-), nearly fails (~) or is left open (?)."""

    qualifier: str
    name: Name
    domain: str = ""
    """As written, with macros; "" is the record's own domain."""
    lengths: tuple[int, int] = (32, 128)
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """The mechanisms in order, and where to go on when none of them matched."""

    terms: tuple[Term, ...]
    redirect: str = ""

    @property
    def end(self) -> str:
        """Return the qualifier of ``all``; "" where there is none."""
        return next((term.qualifier for term in self.terms if term.name == "all"), "")

    @property
    def lets_anybody_in(self) -> bool:
        """Whether some mechanism other than ``all`` can let a server pass, here or by redirect."""
        return bool(self.redirect) or any(term.qualifier == "+" and term.name != "all" for term in self.terms)


def spf_records(texts: Iterable[str]) -> list[str]:
    """Return those of a name's TXT records that are SPF records (section 4.5)."""
    return [text for text in texts if re.match(r"v=spf1(?: |$)", text, re.I)]


def read_spf(text: str) -> SpfRecord:
    """Return the record in parts. Raises SpfFault ``spf-syntax`` with the first term that is wrong."""
    terms: list[Term] = []
    modifiers: dict[str, str] = {}
    for word in text[len("v=spf1") :].split(" "):
        if not word:
            continue
        if modifier := _MODIFIER.fullmatch(word):
            name = modifier[1].lower()
            if name in ("redirect", "exp") and (name in modifiers or not modifier[2]):
                raise SpfFault("spf-syntax", word)
            modifiers[name] = modifier[2]
        else:
            terms.append(_term(word))
    return SpfRecord(tuple(terms), modifiers.get("redirect", ""))


def _term(word: str) -> Term:
    rest, lengths = _parted(word)
    found = _MECHANISM.fullmatch(rest)
    if found is None or not word.isascii():
        raise SpfFault("spf-syntax", word)
    qualifier, name, colon, domain = found[1] or "+", found[2].lower(), found[3], found[4] or ""
    if name in ("ip4", "ip6"):
        return Term(qualifier, _as_name(name), network=_network(word, name, domain, lengths))
    if (colon and not domain) or (name in _WANT_DOMAIN and not domain):
        raise SpfFault("spf-syntax", word)
    if (lengths and name not in ("a", "mx")) or (name == "all" and colon):
        raise SpfFault("spf-syntax", word)
    return Term(qualifier, _as_name(name), domain, _lengths(word, lengths))


def _parted(word: str) -> tuple[str, str]:
    """Return a term and the lengths behind it ("/24//64"); by hand, since a pattern would take n² steps."""
    tail = word[len(word.rstrip("0123456789/")) :]
    lengths = tail[tail.find("/") :] if "/" in tail else ""
    return word.removesuffix(lengths), lengths


def _network(word: str, name: str, address: str, length: str) -> Network:
    if length and not _ONE_LENGTH.fullmatch(length):
        raise SpfFault("spf-syntax", word)
    try:
        network = ipaddress.ip_network(address + length, strict=False)
    except ValueError:
        raise SpfFault("spf-syntax", word) from None
    if network.version != int(name[-1]):
        raise SpfFault("spf-syntax", word)
    return network


def _lengths(word: str, text: str) -> tuple[int, int]:
    found = _LENGTHS.fullmatch(text)
    four, six = (int(found[1] or 32), int(found[2] or 128)) if found else (33, 0)
    if four > 32 or six > 128:
        raise SpfFault("spf-syntax", word)
    return four, six


def _as_name(name: str) -> Name:
    names: tuple[Name, ...] = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
    return next(each for each in names if each == name)
