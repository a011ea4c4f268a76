"""Fetching: only public servers are asked, at the address that was checked, in time and in measure (S16)."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter_app.adapters.fetching import MAX_OCTETS, Fetcher, FetchRefused
from newsletter_app.cli.fetch_words import WORDS
from tests.cli.source import PACKAGE, calls
from tests.fakes.web_server import PUBLIC, WebServer, self_signed, web_server


@pytest.fixture(scope="module")
def running() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def server(running: WebServer) -> WebServer:
    """Give the server as it was at first."""
    running.names = {"pictures.example": [PUBLIC], "other.example": [PUBLIC]}
    running.answers, running.talk = {"/a.png": (200, {}, b"picture")}, None
    for told in (running.asked, running.headers, running.connected):
        told.clear()
    return running


def refusal(fetcher: Fetcher, address: str) -> str:
    with pytest.raises(FetchRefused) as refused:
        fetcher.get(address)
    return refused.value.code


def test_a_picture_is_fetched_at_the_checked_address(server: WebServer) -> None:
    """The connection goes to the very address that was resolved and checked, once; no cookie goes along."""
    answer = server.fetcher().get("http://pictures.example/a.png?b=c d#e")
    assert (answer.status, server.connected) == (404, [(PUBLIC, 80)])
    assert server.fetcher().get("HTTP://pictures.example:8080/a.png").content == b"picture"
    assert server.asked == [
        ("GET", "pictures.example", "/a.png?b=c%20d"),
        ("GET", "pictures.example:8080", "/a.png"),
    ]
    assert not {"Cookie", "Authorization", "Referer"} & set(server.headers[0])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "192.88.99.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:7f00:1::", "::7f00:1", "::127.0.0.1", "2001:db8::1", "no address",
    ],
)  # fmt: skip
def test_no_address_of_this_house_is_asked(server: WebServer, address: str) -> None:  # S16
    server.names["pictures.example"] = [address]
    assert refusal(server.fetcher(), "http://pictures.example/a.png") == "address-not-public"
    # One good address beside it does not make it better.
    server.names["pictures.example"] = [PUBLIC, address]
    assert refusal(server.fetcher(), "http://pictures.example/a.png") == "address-not-public"
    assert server.connected == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are(server: WebServer, address: str) -> None:
    server.names["pictures.example"] = [address]
    assert server.fetcher().get("http://pictures.example/a.png").status == 200
    assert server.connected == [(address, 80)]


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://pictures.example/a", "gopher://x.example", "//pictures.example/a",
        "a.png", "",
        "http://", "http:///a", "http://u:p@pictures.example/a.png", "http://u@pictures.example/", "http://[::1/a",
        "http://pictures.example:99999/a", "javascript:alert(1)", f"http://{'a' * 64}.example/",
    ],
)  # fmt: skip
def test_other_addresses_are_none(server: WebServer, address: str) -> None:  # S16
    assert refusal(server.fetcher(), address) == "address-unreadable"
    assert server.connected == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "[::1]", "localhost"])
def test_numbers_are_resolved_like_names(host: str) -> None:  # S16
    """The system reads them as this machine's address, in whatever way they are written."""
    assert refusal(Fetcher(), f"http://{host}:9/") == "address-not-public"


def test_redirects_are_checked_each(server: WebServer) -> None:  # S16
    server.answers["/on"] = (302, {"Location": "http://other.example/a.png"}, b"")
    assert server.fetcher().get("http://pictures.example/on").address == "http://other.example/a.png"
    server.names["other.example"] = ["169.254.169.254"]
    assert refusal(server.fetcher(), "http://pictures.example/on") == "address-not-public"
    server.answers["/on"] = (307, {"Location": "file:///etc/passwd"}, b"")
    assert refusal(server.fetcher(), "http://pictures.example/on") == "address-unreadable"
    server.answers["/on"] = (301, {"Location": "/on"}, b"")
    assert refusal(server.fetcher(), "http://pictures.example/on") == "too-many-redirects"


def test_a_name_that_changes_between_check_and_connection_gains_nothing(server: WebServer) -> None:  # S16
    """It is resolved once; the socket is told the address, never the name."""
    resolved = iter([[PUBLIC], ["127.0.0.1"]])
    fetcher = Fetcher(resolve=lambda _host, _port: next(resolved), connect=server.fetcher()._connect)
    assert fetcher.get("http://pictures.example/a.png").status == 200
    assert server.connected == [(PUBLIC, 80)]


def test_too_much_is_refused(server: WebServer) -> None:  # S16
    server.answers["/big"] = (200, {}, b"x" * (MAX_OCTETS + 1))
    assert refusal(server.fetcher(), "http://pictures.example/big") == "too-large"
    server.answers["/big"] = (200, {}, b"x" * MAX_OCTETS)
    assert len(server.fetcher().get("http://pictures.example/big").content) == MAX_OCTETS


def drip(connection: socket.socket) -> None:
    """Send a byte of a header now and then, for as long as anybody listens."""
    tick = b"HTTP/1.0 200 OK\r\nX: "
    connection.settimeout(0.02)
    for at in range(1000):
        try:
            connection.send(tick[at : at + 1] or b"x")
            if connection.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except OSError:
            return


@pytest.mark.parametrize("talk", [drip, lambda connection: connection.recv(1)])
def test_a_server_that_takes_its_time_is_left(server: WebServer, talk: object) -> None:  # S16
    server.talk = talk
    began = time.monotonic()
    assert refusal(server.fetcher(seconds=0.3), "http://pictures.example/a.png") == "too-slow"
    assert time.monotonic() - began < 2


def test_a_resolver_that_takes_its_time_is_left() -> None:  # S16
    forever = threading.Event()

    def never(_host: str, _port: int) -> list[str]:
        forever.wait(5)
        return []

    assert refusal(Fetcher(resolve=never, seconds=0.1), "http://pictures.example/") == "too-slow"
    forever.set()


def test_a_server_must_prove_its_name(tmp_path: Path) -> None:
    """By the name that was asked for, though the connection is told an address."""
    certificate, context = self_signed(tmp_path, "pictures.example")
    trusting = ssl.create_default_context(cafile=str(certificate))
    with web_server(context) as server:
        server.answers["/a.png"] = (200, {}, b"picture")
        assert server.fetcher(tls=trusting).get("https://pictures.example/a.png").content == b"picture"
        assert server.connected == [(PUBLIC, 443)]
        assert server.asked == [("GET", "pictures.example", "/a.png")]
        assert refusal(server.fetcher(tls=trusting), "https://other.example/a.png") == "untrusted"
        assert refusal(server.fetcher(), "https://pictures.example/a.png") == "untrusted"


def test_what_is_not_there(server: WebServer) -> None:
    assert refusal(server.fetcher(), "http://unknown.example/") == "name-unknown"
    server.talk = lambda connection: connection.send(b"no HTTP at all\r\n\r\n")
    assert refusal(server.fetcher(), "http://pictures.example/") == "unreachable"


def test_a_resolver_that_cannot_tell_knows_of_no_missing_name() -> None:
    """A machine that is cut off asks no name server; what it fails to find may well be there."""

    def cut_off(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    assert refusal(Fetcher(resolve=cut_off), "http://pictures.example/") == "unreachable"  # M57


def test_looking_asks_for_the_head_first(server: WebServer) -> None:
    assert server.fetcher().look("http://pictures.example/a.png") == 200
    server.answers["HEAD /odd"] = (405, {}, b"")
    server.answers["/odd"] = (200, {}, b"x" * 100)
    assert server.fetcher().look("http://pictures.example/odd") == 200
    assert [(method, path) for method, _host, path in server.asked] == [
        ("HEAD", "/a.png"),
        ("HEAD", "/odd"),
        ("GET", "/odd"),
    ]
    server.answers["/on"] = (302, {"Location": "/gone"}, b"")
    assert server.fetcher().look("http://pictures.example/on") == 404
    assert server.fetcher().look("http://pictures.example/on", follow=False) == 302


def test_every_refusal_has_words() -> None:
    given = {call.code for call in calls(PACKAGE / "adapters", {"FetchRefused"}, 0)}
    assert given | {"too-slow", "unreachable"} == set(WORDS)
