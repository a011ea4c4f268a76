"""References for other programs: whole, in their order, and safe whatever somebody typed."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.tips import Reference, bibtex, csl

WHOLE = Reference(
    id=7,
    text="Roy R, Cote E. Walking & balance. J Nerves. 2019;12:3-9. doi:10.1000/x_1",
    authors="Roy R, Cote E",
    title="Walking & balance",
    source="J Nerves",
    year="2019",
    volume="12",
    pages="3-9",
    doi="10.1000/x_1",
    pmid="123",
)
BARE = Reference(
    id=8, text="A leaflet, 100 % plain {sic}", url="https://e.example/a_b", seen_on=date(2026, 3, 1)
)


def test_an_article_in_bibtex() -> None:
    assert bibtex(WHOLE).splitlines() == [
        "@article{ref7,",
        "  author = {Roy R, Cote E},",
        r"  title = {Walking \& balance},",
        "  journal = {J Nerves},",
        "  year = {2019},",
        "  volume = {12},",
        "  pages = {3--9},",
        "  doi = {10.1000/x_1},",
        "  pmid = {123},",
        "}",
    ]


def test_what_was_never_read_apart_is_a_title() -> None:
    assert bibtex(BARE).splitlines() == [
        "@misc{ref8,",
        r"  title = {A leaflet, 100 \% plain \{sic\}},",
        "  url = {https://e.example/a_b},",
        "  urldate = {2026-03-01},",
        "}",
    ]
    assert csl(BARE) == {
        "id": "ref8",
        "type": "webpage",
        "title": BARE.text,
        "URL": BARE.url,
        "accessed": {"date-parts": [[2026, 3, 1]]},
    }


def test_an_article_in_csl() -> None:
    assert csl(WHOLE) == {
        "id": "ref7",
        "type": "article-journal",
        "title": "Walking & balance",
        "author": [{"literal": "Roy R, Cote E"}],
        "container-title": "J Nerves",
        "issued": {"date-parts": [[2019]]},
        "volume": "12",
        "page": "3-9",
        "DOI": "10.1000/x_1",
        "PMID": "123",
    }


@given(st.text(max_size=60))
def test_no_text_leaves_its_field(text: str) -> None:
    """Every brace that is not escaped has its other half, so that one entry cannot swallow the next."""
    entry = bibtex(Reference(id=1, text=text))
    depth = 0
    for mark in entry.replace(r"\{", "").replace(r"\}", ""):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0
    assert depth == 0
    assert len(entry.split("\n")) <= 3
    assert json.loads(json.dumps(csl(Reference(id=1, text=text)))).get("title", "") == text
