"""``flask references``: exported whole or by tip, which are old, and whose links are dead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from newsletter_app import notices, tips
from tests.cli.conftest import Shell
from tests.factories import content
from tests.fakes.web_server import PUBLIC, WebServer, web_server


@pytest.fixture
def cited(shell: Shell, now: datetime) -> Shell:
    """Give a terminal where tips 23 and 24 cite a source of 2009, and tip 25 one of 2025."""
    old = replace(content.REFERENCE, text="Roy R. Old news. 2009.", year="2009", doi=None)
    new = replace(content.REFERENCE, text="Cote E. New news. 2025.", year="2025", doi=None)
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        for number, source in ((23, old), (24, old), (25, new)):
            content.make_tip(session, notice, number, now, references=(source,))
    return shell


def test_export_for_other_programs(cited: Shell) -> None:
    whole = json.loads(cited.told("references", "export", "--format", "csl"))
    assert {one["issued"]["date-parts"][0][0] for one in whole} >= {2009, 2025}
    assert cited.told("references", "export").count("@") == len(whole)
    of_one = json.loads(cited.told("references", "export", "--format", "csl", "--tip", "25"))
    assert 2025 in {one["issued"]["date-parts"][0][0] for one in of_one}
    assert json.loads(cited.told("references", "export", "--format", "csl", "--tip", "99")) == []


def test_old_ones_name_the_tips_to_look_through(cited: Shell) -> None:
    rows = cited.data("references", "old", "--years", "10")
    assert rows
    assert {row["year"] for row in rows} == {"2009"}
    assert "23" in ", ".join(row["tips"] for row in rows)
    assert "2009  tips 23" in cited.told("references", "old")
    assert cited.told("references", "old", "--years", "150") == "No reference is older than 150 years.\n"


@pytest.fixture
def linked(shell: Shell, now: datetime) -> Iterator[tuple[Shell, WebServer]]:
    """Give a terminal where two tips cite a link that is gone, one that lives and one that is refused."""
    paths = {"gone": 404, "here": 200, "shut": 403}
    drafts = [
        replace(content.REFERENCE, text=path, doi=None, url=f"http://{path}.example/{path}") for path in paths
    ]
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        for number in (23, 24):
            draft = content.make_draft(number, references=tuple(drafts))
            tips.save_draft(session, draft, notice=notice, now=now)
    with web_server() as server:
        server.names = {f"{path}.example": [PUBLIC] for path in paths}
        server.answers = {f"/{path}": (status, {}, b"") for path, status in paths.items()}
        shell.app.extensions["fetcher"] = server.fetcher()
        yield shell, server


def test_a_link_is_tried_once_for_all_tips_and_told_when_dead(linked: tuple[Shell, WebServer]) -> None:
    shell, server = linked
    assert shell.told("references", "dead") == "No link is known to be dead.\n"
    assert shell.told("references", "check").splitlines() == [
        "3 links tried.",
        "dead  http://gone.example/gone  tips 23, 24: the server answered 404, on 2026-03-02",
        "unclear  http://shut.example/shut  tips 23, 24: the server answered 403, on 2026-03-02",
    ]
    assert {path for _method, _host, path in server.asked} == {"/gone", "/here", "/shut"}
    (row,) = shell.data("references", "dead")
    assert (row["found"], row["tips"], row["reference"]) == ("404", "23, 24", "gone")
    # Whoever asks again the same month troubles nobody.
    server.asked.clear()
    assert shell.told("references", "check").startswith("0 links tried.")
    assert server.asked == []


def test_a_run_that_was_broken_off_goes_on(linked: tuple[Shell, WebServer]) -> None:
    shell, server = linked
    for _run in range(3):
        assert shell.told("references", "check", "--limit", "1").startswith("1 links tried.")
    assert [path for method, _host, path in server.asked if method == "HEAD"] == ["/gone", "/here", "/shut"]


def test_no_link_leads_into_this_house(linked: tuple[Shell, WebServer]) -> None:  # S16
    shell, server = linked
    server.names["gone.example"] = ["169.254.169.254"]
    told = shell.told("references", "check", "--limit", "1")
    assert "its server is no public one, and only public ones are asked, on 2026-03-02" in told
    assert server.connected == []


def test_a_machine_that_is_offline_calls_nothing_dead(linked: tuple[Shell, WebServer]) -> None:
    shell, server = linked
    server.names.clear()
    assert "Not one server answered." in shell.refusal("references", "check")
    assert shell.told("references", "dead") == "No link is known to be dead.\n"
    server.names["shut.example"] = [PUBLIC]
    assert shell.told("references", "check").count("no server has this name") == 2
