"""Links that say nothing, hide where they lead, or lead elsewhere than they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.link_rules import link_findings

SHOES = "https://example.org/shoes"


@pytest.mark.parametrize(
    ("address", "words", "code"),
    [
        (SHOES, "How to choose shoes", None),
        (SHOES, "here", "link-says-nothing"),
        (SHOES, "Click here!", "link-says-nothing"),
        (SHOES, " Read more… ", "link-says-nothing"),
        (SHOES, "En savoir plus »", "link-says-nothing"),
        (SHOES, "Plus d’informations", "link-says-nothing"),
        (SHOES, "", "link-without-words"),
        ("#r1", "", None),
        ("https://bit.ly/3x", "How to choose shoes", "link-shortened"),
        ("https://www.tinyurl.com/3x", "How to choose shoes", "link-shortened"),
        ("https://notbit.ly/3x", "How to choose shoes", None),
        (SHOES, "www.example.org/shoes", None),
        (SHOES, "EXAMPLE.org", None),
        ("https://blog.example.org/", "example.org", None),
        (SHOES, "https://example.com/shoes", "link-deceives"),
        ("https://evil.example/", "example.org", "link-deceives"),
        ("https://example.org.evil.example/", "example.org", "link-deceives"),
        ("mailto:help@example.org", "help@example.org", None),
        ("http://[", "example.org", None),
    ],
)
def test_each_kind_of_link(address: str, words: str, code: str | None) -> None:  # A10, M57
    level = BLOCKS if code == "link-deceives" else WARNS
    found = link_findings([(address, words)], "en")
    assert [(one.code, one.level, one.where) for one in found] == ([(code, level, "en")] if code else [])


def test_the_same_is_told_once() -> None:
    found = link_findings([(SHOES, "here"), ("https://example.org/b", "here")])
    assert found == [Finding("link-says-nothing", WARNS, "", "here")]


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_link_is_looked_at(address: str, words: str) -> None:
    assert len(link_findings([(address, words)])) <= 4


@given(st.text(alphabet="abc.:/@[]#?%\\", max_size=20))
def test_any_address_is_looked_at(address: str) -> None:
    assert all(one.level in (BLOCKS, WARNS) for one in link_findings([(f"https://{address}", "a.ca")]))
