"""Trying many links: each server has one question at a time, with a pause, and a slow one holds up none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsletter_app.adapters.link_checking import PAUSE_S, try_links
from newsletter_app.tips import Link
from tests.fakes.web_server import PUBLIC, WebServer, web_server


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as server:
        server.names["third.example"] = [PUBLIC]
        server.answers = {"/a": (200, {}, b""), "/on": (302, {"Location": "/a"}, b"")}
        yield server


def test_they_go_in_rounds(server: WebServer) -> None:
    addresses = ["http://pictures.example/a", "http://other.example/b", "http://pictures.example/on"]
    addresses += ["http://unknown.example/", "http://pictures.example/c", "http://[x"]
    links = [Link(at, address, True) for at, address in enumerate(addresses)]
    done: list[str] = []

    def wait(seconds: float) -> None:
        assert seconds == PAUSE_S
        done.append("pause")

    for link, found in try_links(links, server.fetcher(), wait=wait):
        done.append(f"{link.reference_id} {found}")
    assert done == [
        "0 200", "1 404", "3 name-unknown", "5 address-unreadable", "pause", "2 200", "pause", "4 404",
    ]  # fmt: skip


def test_a_doi_is_answered_by_its_registry(server: WebServer) -> None:
    assert [
        found for _link, found in try_links([Link(1, "http://other.example/on", False)], server.fetcher())
    ] == ["302"]


def test_whoever_breaks_off_asks_no_more(server: WebServer) -> None:
    links = [Link(at, f"http://{host}.example/a", True) for at, host in enumerate(["pictures", "other"] * 3)]
    trying = try_links(links, server.fetcher(), wait=lambda _seconds: None)
    next(trying)
    trying.close()
    assert len(server.asked) <= 2
