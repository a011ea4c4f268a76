"""What speaks against the links of a mail: words that say nothing, or another place than they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding

# Out of its sentence, as a list of links is read aloud, such a word says nothing (WCAG 2.4.4, A10).
GENERIC: Final = frozenset(
    {"click", "click here", "here", "learn more", "link", "more", "more info", "more information"}
    | {"read more", "see here", "see more", "this", "this link", "this page"}
    | {"ce lien", "cette page", "cliquer ici", "cliquez", "cliquez ici", "en savoir plus", "ici", "la suite"}
    | {"lien", "lire la suite", "lire plus", "plus", "plus d'information", "plus d'informations", "voir ici"}
    | {"voir plus"}
)
# They hide where a link leads, and filters take them for spam (M57).
SHORTENERS: Final = frozenset(
    {"bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly"}
    | {"shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com"}
)
_ADDRESS: Final = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#]\S*)?", re.IGNORECASE)


def link_findings(links: Sequence[tuple[str, str]], where: str = "") -> list[Finding]:
    """Return what is wrong with ``links``, each an address and its words; each thing once."""
    found = (finding for address, words in links for finding in _of_one(address, words, where))
    return list(dict.fromkeys(found))


def _of_one(address: str, words: str, where: str) -> Iterator[Finding]:
    said = words.replace("’", "'").strip(" .:…»«>→!\u00a0").casefold()
    if said in GENERIC:
        yield Finding("link-says-nothing", WARNS, where, words)
    if not said and not address.startswith("#"):
        yield Finding("link-without-words", WARNS, where, address)
    host = _host(address)
    if host in SHORTENERS:
        yield Finding("link-shortened", WARNS, where, host)
    shown = _ADDRESS.fullmatch(words)
    if shown and host and not _same_site(shown[1], host):
        yield Finding("link-deceives", BLOCKS, where, f"{words} → {host}")


def _host(address: str) -> str:
    """Return the host of a web address, without www; "" for any other address, or none that can be read."""
    try:
        split = urlsplit(address)
        is_web = split.scheme in ("http", "https")
        return (split.hostname or "").removeprefix("www.") if is_web else ""
    except ValueError:
        return ""


def _same_site(shown: str, host: str) -> bool:
    """Tell whether one of two hosts lies below the other, such as blog.example.org and example.org."""
    one = shown.casefold().removeprefix("www.")
    return one == host or one.endswith(f".{host}") or host.endswith(f".{one}")
