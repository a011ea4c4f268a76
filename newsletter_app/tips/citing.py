"""References for other programs: BibTeX (btxdoc, in UTF-8 as biblatex reads it) and CSL-JSON 1.0.2."""

from __future__ import annotations

import re
from typing import Any, Final

from newsletter_app.tips.models import Reference

# What TeX would take for something else; a backslash and a brace cannot be told from markup in any other way.
_TEX: Final = {
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
}
_MARKS: Final = re.compile(r"[&%$#_\\{}~^]")
_DASH: Final = re.compile(r"\s*[-\u2013]\s*")


def bibtex(reference: Reference) -> str:
    """Return one entry, whose key is ``ref`` and the reference's id; an unread text is the title."""
    fields = {
        "author": _tex(reference.authors),
        "title": _tex(reference.title or reference.text),
        "journal": _tex(reference.source),
        "year": reference.year,
        "volume": _tex(reference.volume),
        "pages": _DASH.sub("--", _tex(reference.pages)),
        # Addresses are read as they stand.
        "doi": reference.doi,
        "pmid": reference.pmid,
        "url": reference.url,
        "urldate": reference.seen_on.isoformat() if reference.seen_on else None,
    }
    kind = "article" if _is_article(reference) else "misc"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{ref{reference.id},", *lines, "}"])


def csl(reference: Reference) -> dict[str, Any]:
    """Return one item as citation programs exchange it; what is not known is left out."""
    facts = {
        "id": f"ref{reference.id}",
        "type": _csl_type(reference),
        "title": reference.title or reference.text,
        # Names were given as one text, which no rule parts safely.
        "author": [{"literal": reference.authors}] if reference.authors else None,
        "container-title": reference.source,
        "issued": _issued(reference.year or ""),
        "volume": reference.volume,
        "page": reference.pages,
        "DOI": reference.doi,
        "PMID": reference.pmid,
        "URL": reference.url,
        "accessed": _seen(reference),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _is_article(reference: Reference) -> bool:
    return bool(reference.source and (reference.volume or reference.doi or reference.pmid))


def _csl_type(reference: Reference) -> str:
    if _is_article(reference):
        return "article-journal"
    return "webpage" if reference.url else "document"


def _issued(year: str) -> dict[str, Any] | None:
    return _date(int(year)) if year.isdecimal() else None


def _seen(reference: Reference) -> dict[str, Any] | None:
    day = reference.seen_on
    return _date(day.year, day.month, day.day) if day else None


def _date(*parts: int) -> dict[str, Any]:
    return {"date-parts": [list(parts)]}


def _tex(text: str | None) -> str:
    return _MARKS.sub(lambda found: _TEX[found[0]], " ".join((text or "").split()))
