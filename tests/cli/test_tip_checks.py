"""``flask tips check`` and ``waive``: what is found, in words, and what a person lets through."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from newsletter_app import audit, notices, organisation, tips
from newsletter_app.adapters.spam_scoring import SpamAssassin
from tests.cli.conftest import Shell
from tests.factories import content
from tests.fakes.spam_filter import saying, spam_filter
from tests.fakes.web_server import PUBLIC, WebServer, web_server

# All that is left to say of a tip that nothing speaks against.
UNTRIED = (
    "Hint  links-untried: links of its mails that were not tried in 30 days: 3 (flask tips check NUMBER"
    " --links tries them)\n"
)


@pytest.fixture
def shell(shell: Shell, now: datetime) -> Shell:
    """Give an installation with tip 24, whose review is past."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        content.make_tip(session, notice, 24, now).review_due = date(2026, 3, 1)
    return shell


@pytest.fixture
def reviewed(shell: Shell) -> Shell:
    """Give an installation whose tip 24 nothing speaks against."""
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = None
    return shell


def test_all_that_stands_against_a_tip_is_told(shell: Shell) -> None:
    ended = shell.run("tips", "check", "24")
    assert ended.exit_code == 1
    assert ended.output.startswith("Stops it  review-overdue: the day by which it was to be checked again")
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = None
    assert shell.told("tips", "check", "24") == UNTRIED
    assert "no tip 99" in shell.refusal("tips", "check", "99")


@pytest.fixture
def walking(reviewed: Shell) -> Iterator[tuple[Shell, WebServer]]:
    """Give tip 24 with three links more, and the web that they lead to; all its other links are well."""
    with reviewed.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        [side] = [side for side in tip.sides if side.language == "en"]
        side.body += "\n\n[how to walk](http://gone.example/a), [shoes](http://shut.example/b),"
        side.body += " [socks](http://inside.example/c)\n"
        organisation.set_facts(session, website="http://us.example/", donation_url="http://us.example/give")
        tip.citations[0].reference.doi = None
    with web_server() as server:
        names = {"gone": [PUBLIC], "shut": [PUBLIC], "us": [PUBLIC], "inside": ["127.0.0.1"]}
        server.names = {f"{name}.example": addresses for name, addresses in names.items()}
        server.answers = {"/a": (404, {}, b""), "/b": (403, {}, b""), "/c": (404, {}, b"")}
        server.answers |= {"/": (200, {}, b""), "/give": (200, {}, b"")}
        reviewed.app.extensions["fetcher"] = server.fetcher()
        yield reviewed, server


def test_dead_links_are_told_with_their_place(walking: tuple[Shell, WebServer]) -> None:
    """Language and words; what refuses machines is not dead, and no address here is asked."""  # S16, M57
    shell, server = walking
    assert "link-gone" not in shell.told("tips", "check", "24")
    assert server.asked == []
    ended = shell.run("tips", "check", "24", "--links")
    assert "inside.example" not in {host for _, host, _ in server.asked}
    assert (ended.exit_code, ended.output.splitlines()) == (
        1,
        [
            "Stops it  link-gone: a link of its English mail leads nowhere any more: “how to walk” →"
            " http://gone.example/a (404, 2026-03-02); correct it, or take it out",
            "Hint  link-unsure: a link of its English mail could not be tried: “shoes” →"
            " http://shut.example/b (403, 2026-03-02); open it yourself, or try again later",
            "Hint  link-unsure: a link of its English mail could not be tried: “socks” →"
            " http://inside.example/c (2026-03-02); open it yourself, or try again later",
        ],
    )


def test_what_was_found_is_kept_until_it_is_mended(walking: tuple[Shell, WebServer]) -> None:
    """Publishing asks nobody again; a dead link stops it until it is waived, or found to be alive."""  # M57
    shell, server = walking
    shell.run("tips", "check", "24", "--links")
    asked = len(server.asked)
    assert "http://gone.example/a (404" in shell.refusal("tips", "publish", "24")
    assert len(server.asked) == asked
    why = ("--reason", "It comes back on Monday.", "--by", "bo@example.org")
    assert shell.told("tips", "waive", "24", "link-gone", *why) == "link-gone stops it no more.\n"
    assert "Note: a link of its English mail could not be tried" in shell.told("tips", "publish", "24")


def test_a_link_that_is_alive_again_stops_nothing(walking: tuple[Shell, WebServer]) -> None:
    shell, server = walking
    shell.run("tips", "check", "24", "--links")
    server.answers["/a"] = (200, {}, b"")
    assert "link-gone" not in shell.told("tips", "check", "24", "--links")
    assert "on its way" in shell.told("tips", "publish", "24")


def test_without_a_web_nothing_is_kept(walking: tuple[Shell, WebServer]) -> None:
    """A machine that is cut off would find every name unknown."""
    shell, server = walking
    server.names.clear()
    assert "Is this machine on the internet?" in shell.refusal("tips", "check", "24", "--links")
    assert "link-gone" not in shell.told("tips", "check", "24")


def test_what_is_waived_is_kept_and_lets_the_tip_out(shell: Shell) -> None:
    why = ("--reason", "Dr. Roy read it.", "--by", "bo@example.org")
    assert shell.told("tips", "waive", "24", "review-overdue", *why) == "review-overdue stops it no more.\n"
    told = shell.told("tips", "check", "24").removeprefix(UNTRIED)
    assert told == "Waived  review-overdue: waived by bo@example.org on 2026-03-02: Dr. Roy read it.\n"
    with shell.look() as session:
        entry = audit.newest(session)[0]
        assert (entry.action, entry.details["reason"]) == ("tip.waived", "Dr. Roy read it.")
    assert "on its way" in shell.told("tips", "publish", "24")


def test_only_what_stands_against_it_is_waived(shell: Shell) -> None:
    assert "Nothing called html-too-big stands against it" in shell.refusal(
        "tips", "waive", "24", "html-too-big", "--reason", "A"
    )
    assert "in 1 to 300 signs" in shell.refusal("tips", "waive", "24", "review-overdue", "--reason", " ")
    assert '"level": "blocks"' in shell.run("tips", "check", "24", "--json").output


SPAMD = b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; %b / 5.0\r\n\r\nGTUBE,NO_RELAYS"


def test_what_looks_like_spam_stops_a_tip_until_somebody_lets_it_out(reviewed: Shell) -> None:
    # M58
    with spam_filter(saying(SPAMD % b"6.0")) as place:
        reviewed.app.extensions["spam_assassin"] = SpamAssassin(place)
        said = "SpamAssassin gives its English mail 6.0 (GTUBE) points"
        assert reviewed.run("tips", "check", "24").output.startswith(f"Stops it  spam-score: {said}")
        assert said in reviewed.refusal("tips", "publish", "24")
        assert "on the web" in reviewed.told("tips", "publish", "24", "--web-only")
        reviewed.told("tips", "waive", "24", "spam-score", "--reason", "It is a test string.")
        assert "on its way" in reviewed.told("tips", "publish", "24")


def test_what_looks_a_little_like_spam_is_a_hint(reviewed: Shell) -> None:
    # M58
    with spam_filter(saying(SPAMD % b"2.0")) as place:
        reviewed.app.extensions["spam_assassin"] = SpamAssassin(place)
        assert reviewed.told("tips", "check", "24").count("Hint  spam-score: ") == 2
        told = reviewed.told("tips", "publish", "24")
    assert "Note: SpamAssassin gives its French mail 2.0 (GTUBE) points" in told
    assert "on its way" in told


def test_a_filter_is_asked_while_no_transaction_is_open(reviewed: Shell) -> None:
    """It may take its time, and others write meanwhile."""
    written = []

    def write(connection: socket.socket) -> None:
        with reviewed.look() as session:
            written.append(organisation.set_facts(session, phone="1 800 555-0199").phone)
        saying(SPAMD % b"0.0")(connection)

    with spam_filter(write) as place:
        reviewed.app.extensions["spam_assassin"] = SpamAssassin(place)
        assert reviewed.told("tips", "check", "24") == UNTRIED
    assert len(written) == 2
