"""The library of references: one row for one source, however many tips cite it; recognised by DOI, PMID or
address, else by its very text.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from newsletter_app.tips.models import Reference, TipReference
from newsletter_app.tips.reading import ReferenceDraft

DOI: Final = "https://doi.org/"
PUBMED: Final = "https://pubmed.ncbi.nlm.nih.gov/"
_FACTS: Final = ("authors", "title", "source", "year", "volume", "pages", "doi", "pmid", "url")


def address_of(reference: Reference) -> str | None:
    """Return where the source is found: by its DOI, else its own address, else its PMID; None for none."""
    if reference.doi:
        return f"{DOI}{reference.doi}"
    return reference.url or (f"{PUBMED}{reference.pmid}/" if reference.pmid else None)


def address_key(url: str | None) -> str | None:
    """Return what two spellings of one address share: no scheme, no "www.", no fragment, no campaign marks.

    The front page of a site is no source of its own, so it has no key.
    """
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([pair for pair in pairs if not pair[0].lower().startswith("utm_")])
    return f"{host}{path}{'?' if query else ''}{query}" if host and (path or query) else None


def reference_for(session: Session, draft: ReferenceDraft, taken: Collection[Reference]) -> Reference:
    """Return the row for a source: the one that stands, made more complete, or a new one.

    ``taken`` are the rows that the same tip cites already: two entries of one list stay two, each with its
    own words. A row that no other tip cites takes over what the draft says; a shared one keeps its words.
    """
    known = _known(session, draft, taken)
    facts: dict[str, Any] = asdict(draft)
    facts["seen_on"] = date.fromisoformat(draft.seen_on) if draft.seen_on else None
    if known is None:
        return Reference(**facts)
    before = address_of(known)
    if known in taken or _is_cited(session, known):
        facts = {name: facts[name] for name in _FACTS if getattr(known, name) is None} | {
            "seen_on": max(filter(None, [known.seen_on, facts["seen_on"]]), default=None)
        }
    for name, fact in facts.items():
        setattr(known, name, fact)
    if address_of(known) != before:
        known.checked_at = known.check_found = None
    return known


def _known(session: Session, draft: ReferenceDraft, taken: Collection[Reference]) -> Reference | None:
    for same in _ways(draft):
        with session.no_autoflush:
            found = session.scalars(select(Reference).where(same).order_by(Reference.id)).all()
        fitting = [
            one for one in found if _is_same(one, draft) and (one not in taken or one.text == draft.text)
        ]
        if fitting:
            return next((one for one in fitting if one.text == draft.text), fitting[0])
    return None


def _ways(draft: ReferenceDraft) -> list[ColumnElement[bool]]:
    """How rows that may be the same are looked for, the surest way first."""
    ways: list[ColumnElement[bool]] = [Reference.doi == draft.doi] if draft.doi else []
    ways += [Reference.pmid == draft.pmid] if draft.pmid else []
    same_text = Reference.text == draft.text
    key = address_key(draft.url)
    path = key.partition("?")[0] if key else ""
    if not path:
        return [*ways, same_text]
    return [*ways, or_(same_text, func.lower(Reference.url).contains(path.lower(), autoescape=True))]


def _is_same(one: Reference, draft: ReferenceDraft) -> bool:
    """Two numbers that differ are two sources, whatever else is alike."""
    numbers = [(one.doi, draft.doi), (one.pmid, draft.pmid)]
    if any(standing and given and standing != given for standing, given in numbers):
        return False
    if any(standing and standing == given for standing, given in numbers):
        return True
    key = address_key(draft.url)
    return one.text == draft.text or (key is not None and address_key(one.url) == key)


def _is_cited(session: Session, reference: Reference) -> bool:
    with session.no_autoflush:
        cited = select(TipReference.tip_id).where(TipReference.reference_id == reference.id)
        return session.scalar(cited.limit(1)) is not None
