"""Links that were tried: what stops a mail, what is only told, and one line for those that nobody tried."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsletter_app.adapters.link_checking import try_links
from newsletter_app.preflight.findings import BLOCKS, WARNS, Finding
from newsletter_app.preflight.tried_rules import Tried, tried_findings, untried_findings
from newsletter_app.tips import link_to
from tests.fakes.web_server import web_server

SHOES = "https://example.org/shoes"
SOCKS = "https://example.org/socks"
DAY = datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "code", "level", "proof"),
    [
        ("200", None, "", ""),
        ("302", None, "", ""),
        ("404", "link-gone", BLOCKS, "404, "),
        ("410", "link-gone", BLOCKS, "410, "),
        ("name-unknown", "link-gone", BLOCKS, ""),
        ("address-unreadable", "link-gone", BLOCKS, ""),
        ("untrusted", "link-untrusted", BLOCKS, ""),
        ("403", "link-unsure", WARNS, "403, "),
        ("429", "link-unsure", WARNS, "429, "),
        ("500", "link-unsure", WARNS, "500, "),
        ("503", "link-unsure", WARNS, "503, "),
        ("too-slow", "link-unsure", WARNS, ""),
        ("unreachable", "link-unsure", WARNS, ""),
        ("too-many-redirects", "link-unsure", WARNS, ""),
        ("address-not-public", "link-unsure", WARNS, ""),
    ],
)
def test_what_was_found_decides(found: str, code: str | None, level: str, proof: str) -> None:  # M57
    told = tried_findings({"fr": [(SHOES, "des souliers")]}, {SHOES: Tried(found, DAY)})
    about = f"“des souliers” → {SHOES} ({proof}2026-03-02)"
    assert told == ([Finding(code, level, "fr", about)] if code else [])


def test_each_place_is_told_once() -> None:
    """The same address in other words or in the other language is another place to mend."""
    links = {"en": [(SHOES, "shoes"), (SHOES, "shoes"), (SHOES, "boots"), (SHOES, "")], "fr": [(SHOES, "a")]}
    told = tried_findings(links, {SHOES: Tried("404", DAY)})
    assert [(one.where, one.about.partition(" → ")[0]) for one in told] == [
        *(("en", "“shoes”"), ("en", "“boots”"), ("en", f"{SHOES} (404, 2026-03-02)"), ("fr", "“a”"))
    ]


def test_all_that_nobody_tried_is_one_line() -> None:
    links = {"en": [(SHOES, "shoes"), (SOCKS, "socks")], "fr": [(SOCKS, "bas")]}
    assert untried_findings(links, {}) == [Finding("links-untried", WARNS, "", "2")]
    assert untried_findings(links, {SOCKS: Tried("404", DAY)}) == [Finding("links-untried", WARNS, "", "1")]
    assert untried_findings(links, dict.fromkeys((SHOES, SOCKS), Tried("200", DAY))) == []
    assert tried_findings(links, {}) == []


def test_what_trying_tells_is_what_the_rules_know() -> None:
    """The codes come from whoever fetches; here from a server that is played."""
    with web_server() as server:
        server.answers = {"/shoes": (200, {}, b""), "/on": (302, {"Location": "http://192.168.1.1/"}, b"")}
        server.names["192.168.1.1"] = ["192.168.1.1"]
        paths = ["pictures.example/shoes", "other.example/none", "nobody.example/", "pictures.example/on"]
        links = [link_to(f"http://{path}") for path in paths]
        tried = try_links(links, server.fetcher(), wait=lambda _seconds: None)
        found = {link.address: Tried(code, DAY) for link, code in tried}
    told = tried_findings({"en": [(link.address, "") for link in links]}, found)
    assert [one.code for one in told] == ["link-gone", "link-gone", "link-unsure"]
