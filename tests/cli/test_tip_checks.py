"""``flask tips check`` and ``waive``: what is found, in words, and what a person lets through."""

from __future__ import annotations

import socket
from datetime import date, datetime

import pytest

from newsletter_app import audit, notices, organisation, tips
from newsletter_app.adapters.spam_scoring import SpamAssassin
from tests.cli.conftest import Shell
from tests.factories import content
from tests.fakes.spam_filter import saying, spam_filter
from tests.fakes.web_server import PUBLIC, web_server


@pytest.fixture
def shell(shell: Shell, now: datetime) -> Shell:
    """Give an installation with tip 24, whose review is past."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        content.make_tip(session, notice, 24, now).review_due = date(2026, 3, 1)
    return shell


def test_all_that_stands_against_a_tip_is_told(shell: Shell) -> None:
    ended = shell.run("tips", "check", "24")
    assert ended.exit_code == 1
    assert ended.output.startswith("Stops it  review-overdue: the day by which it was to be checked again")
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = None
    assert shell.told("tips", "check", "24") == "Nothing speaks against mailing it.\n"
    assert "no tip 99" in shell.refusal("tips", "check", "99")


def test_dead_links_are_told_with_their_place(shell: Shell) -> None:
    """Language and words; what refuses machines is not dead, and no address here is asked."""  # S16, M57
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = None
        [side] = [side for side in tip.sides if side.language == "en"]
        side.body += "\n\n[how to walk](http://gone.example/a), [shoes](http://shut.example/b),"
        side.body += " [socks](http://inside.example/c)\n"
    with web_server() as server:
        names = {"gone": [PUBLIC], "shut": [PUBLIC], "inside": ["127.0.0.1"]}
        server.names = {f"{name}.example": addresses for name, addresses in names.items()}
        server.answers = {"/a": (404, {}, b""), "/b": (403, {}, b""), "/c": (404, {}, b"")}
        shell.app.extensions["fetcher"] = server.fetcher()
        assert "link-gone" not in shell.told("tips", "check", "24")
        told = shell.told("tips", "check", "24", "--links").splitlines()
        assert "inside.example" not in {host for _, host, _ in server.asked}
    assert [line for line in told if "link-gone" in line and "how to walk" in line] == [
        "Hint  link-gone: a link of its English mail leads nowhere any more: “how to walk” →"
        " http://gone.example/a; correct it, or take it out"
    ]
    assert not [line for line in told if "shut.example" in line or "inside.example" in line]


def test_what_is_waived_is_kept_and_lets_the_tip_out(shell: Shell) -> None:
    why = ("--reason", "Dr. Roy read it.", "--by", "bo@example.org")
    assert shell.told("tips", "waive", "24", "review-overdue", *why) == "review-overdue stops it no more.\n"
    told = shell.told("tips", "check", "24")
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


@pytest.fixture
def reviewed(shell: Shell) -> Shell:
    """Give an installation whose tip 24 nothing speaks against."""
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tip.review_due = None
    return shell


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
        assert reviewed.told("tips", "check", "24") == "Nothing speaks against mailing it.\n"
    assert len(written) == 2
