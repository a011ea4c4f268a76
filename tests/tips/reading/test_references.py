"""References in the usual forms: every part that can be read is, and nothing else."""

import pytest

from newsletter_app.tips.reading import parse_reference

TABLE = [
    (
        "Roy R. Walking, vol. 2, pp. 3–9. Walk Press.",
        {"title": "Walking, vol. 2, pp. 3–9", "source": "Walk Press"},
    ),
    (
        "Doe J, Roe R. A chair is a friend. Ex J Balance. 2012;3(2):45-51.",
        {"authors": "Doe J, Roe R", "title": "A chair is a friend", "source": "Ex J Balance"}
        | {"year": "2012", "volume": "3(2)", "pages": "45-51"},
    ),
    (
        "Doe SA et al. Ex Metab Rev 2024;40(3):e3651. doi:10.1002/DMRR.3651.",
        {"authors": "Doe SA et al", "source": "Ex Metab Rev", "year": "2024", "volume": "40(3)"}
        | {"pages": "e3651", "doi": "10.1002/dmrr.3651"},
    ),
    (
        "Doe C et al. Cochrane 2020, CD000001. https://doi.org/10.1002/14651858.CD000001.pub4",
        {"authors": "Doe C et al", "source": None, "title": "Cochrane 2020, CD000001", "year": "2020"}
        | {"doi": "10.1002/14651858.cd000001.pub4", "url": None},
    ),
    (
        "Example Institute (EI). “Does a Warm-Up Help?” Daily Example. Daily Example, 4 May 2015. "
        "www.example.org/2012/06/1.htm",
        {"authors": "Example Institute (EI)", "title": "Does a Warm-Up Help?", "source": "Daily Example"}
        | {"year": "2015", "url": "https://www.example.org/2012/06/1.htm"},
    ),
    (
        "Doe J. Foot Care. Example guidelines, ch. 32. guidelines.example.ca/cpg/chapter32",
        {"url": "https://guidelines.example.ca/cpg/chapter32", "year": None}
        | {"authors": "Doe J", "title": "Foot Care", "source": "Example guidelines, ch. 32"},
    ),
    (
        "Doe J. Rest. Ex J. 1999;12:1–9. PMID: 12345678. Accessed 3 March 2026.",
        {"pmid": "12345678", "year": "1999", "seen_on": "2026-03-03", "pages": "1–9"},
    ),
    ("Doe J. Repos. 1999. Consulté le 1er mars 2026.", {"seen_on": "2026-03-01", "year": "1999"}),
    ("Doe J. Rest. Retrieved on March 3, 2026, 1999", {"seen_on": "2026-03-03", "year": "1999"}),
    ("See https://pubmed.ncbi.nlm.nih.gov/1234567/", {"pmid": "1234567", "year": None}),
    ("(doi:10.1016/S0140-6736(20)30183-5)", {"doi": "10.1016/s0140-6736(20)30183-5"}),
    ("Somebody told us", {"authors": None, "title": None, "source": "Somebody told us", "year": None}),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_parts(text: str, expected: dict[str, str | None]):
    found = parse_reference(text)
    assert found.text == text
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_part_that_could_not_be_kept_was_misread() -> None:
    """The text stays whole; PostgreSQL would refuse the rest of the import for one such part."""
    long = f"{'Roy R, ' * 100}. Steps. https://x.example/{'a' * 500} doi:10.1000/{'b' * 200}"
    found = parse_reference(long)
    assert (found.text, found.authors, found.url, found.doi) == (long, None, None, None)
