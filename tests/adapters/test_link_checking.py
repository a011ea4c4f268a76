"""Trying many links: each server has one question at a time, with a pause, and a slow one holds up none."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from newsletter_app.adapters.link_checking import PAUSE_S, try_links, try_within
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


def test_whoever_waits_gets_what_there_is_time_for(server: WebServer) -> None:
    """A server that keeps us waiting is told as too slow; none is begun that might not get its seconds."""
    held = threading.Event()
    server.talk = lambda _connection: held.wait(10) and None
    hosts = ["pictures", "other", "third", "unknown", "pictures"]
    links = [Link(at, f"http://{host}.example/a", True) for at, host in enumerate(hosts)]
    began = time.monotonic()
    found = try_within(links, server.fetcher(seconds=30), 1.5, each=0.5, wait=lambda _seconds: None)
    took = time.monotonic() - began
    held.set()
    assert sorted((link.reference_id, seen) for link, seen in found) == [
        *((0, "too-slow"), (1, "too-slow"), (2, "too-slow"), (3, "name-unknown"))
    ]
    assert took < 5, "the slow servers would have had 30 seconds"


def test_whoever_waits_sees_no_server_hurried(server: WebServer) -> None:
    """In rounds as always: a second lies between two questions to one server."""
    pauses: list[float] = []
    links = [Link(at, f"http://pictures.example/{path}", True) for at, path in enumerate("abc")]
    found = try_within(links, server.fetcher(), 60, wait=pauses.append)
    assert sorted((link.reference_id, seen) for link, seen in found) == [(0, "200"), (1, "404"), (2, "404")]
    assert pauses == [PAUSE_S, PAUSE_S]


def test_without_the_time_for_one_nobody_is_asked(server: WebServer) -> None:
    assert try_within([Link(0, "http://pictures.example/a", True)], server.fetcher(), 1, each=2) == []
    assert server.asked == []
