"""Finds on a saved page what belongs to the tip: its own rows, the title among them; and what is around."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from newsletter_app.imports.rows import HEADINGS, Row
from newsletter_app.tips import ImportFault, Unreadable, furniture_code, inline, named_title

_SITE_NAME: Final = re.compile(r"\s+[|–—«»·-]\s+")


def own_rows(rows: list[Row], *, whole: bool) -> tuple[list[Row], list[Row]]:
    """Part the rows of the text from those around it: what <main> or the only <article> holds, if there is
    one, without menus and the like.
    """
    places = [] if whole else [row.within for row in rows if row.within and not row.region]
    mains = [place for place in places if place.startswith("main")]
    wanted = set(mains[:1]) or ({places[0]} if len(set(places)) == 1 else set())
    own = [row for row in rows if not row.region and (not wanted or row.within in wanted)]
    kept = {id(row) for row in own}
    outside = [row for row in rows if id(row) not in kept]
    related = _related(outside)
    return [*own, *related], outside


def _related(outside: list[Row]) -> list[Row]:
    """The box of related tips beside or below the text: its heading and the tips it names."""
    at = next((at for at, row in enumerate(outside) if furniture_code(row.text) == "food-for-thought"), None)
    if at is None:
        return []
    named = [(row, named_title(row.text.removeprefix("• "))) for row in outside[at + 1 :]]
    tips = [
        replace(row, kind="p", marked=row.text.removeprefix("• ")) for row, tip in named if tip and tip.number
    ]
    heading = outside.pop(at)
    for row, tip in named:
        if tip and tip.number:
            outside.remove(row)
    return [heading, *tips]


def titled(own: list[Row], outside: list[Row], said: str) -> tuple[list[Row], Row]:
    """The rows without the title, and the title: a heading that says its number, else the first h1, else what
    the head says, else the first heading.
    """
    headings = [row for row in own if row.kind in HEADINGS]
    numbered = next((row for row in headings if named_title(row.text)), None)
    first = next((row for row in headings if row.kind == "h1"), None)
    found = numbered or first
    if found is None and said.strip():
        found = Row("h1", _without_site(inline.foreign(said)))
    found = found or next((row for row in [*headings, *outside] if row.kind in HEADINGS), None)
    if found is None:
        raise Unreadable(ImportFault(1, "no-title"))
    at = next((place for place, row in enumerate(own) if row is found), 0)
    early = [row for row in own[:at] if row.kind == "picture"]
    rest = [row for row in own[at:] if row is not found]
    strays = [row for row in own[:at] if row.kind != "picture"]
    outside += strays
    return [*early, *rest], replace(found, kind="title", marked=found.text)


def _without_site(title: str) -> str:
    words = " ".join(title.split())
    return words if named_title(words) and not _SITE_NAME.search(words) else _SITE_NAME.split(words)[0]
