"""The desk's verbs at the terminal: begun, asked, given back, approved; revisions listed and compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter_app import notices, tips
from newsletter_app.tips import writing
from tests.cli.conftest import Shell
from tests.factories import content

ANN = ("--by", "ann@example.org")
BOB = ("--by", "bob@example.org")


@pytest.fixture
def shell(shell: Shell, now: datetime) -> Shell:
    """Give an installation with a draft, which Ann has changed twice."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        tip = tips.save_draft(session, content.make_draft(24), notice=notice, now=now).tip
        for at, lead in enumerate(("Walk ten minutes.", "Walk twenty minutes."), 1):
            text = replace(writing.side_written(session, tip, "en"), lead=lead)
            when = now + timedelta(hours=at)
            writing.write(session, tip, "en", text, base=at, by=ANN[1], now=when)
    return shell


def test_the_whole_way(shell: Shell) -> None:
    shell.told("organisation", "set", "--others-approve")
    assert "Nobody has approved the tip" in shell.refusal("tips", "publish", "24", "--web-only")
    assert "The tip is draft. Ask" in shell.refusal("tips", "approve", "24", *BOB)
    shell.told("tips", "ask-approval", "24", *ANN)
    assert "Whoever wrote a tip cannot approve it" in shell.refusal("tips", "approve", "24", *ANN)
    shell.told("tips", "give-back", "24", "--comment", "Say how long.", *BOB)
    shell.told("tips", "ask-approval", "24", *ANN)
    shell.told("tips", "approve", "24", *BOB)
    assert shell.data("tips", "list")[0]["stage"] == "approved"
    shell.told("tips", "publish", "24", "--web-only")


def test_revisions_are_listed_and_compared(shell: Shell) -> None:
    rows = shell.data("tips", "revisions", "24", "en")
    assert [(row["by"], row["aside"]) for row in rows] == [(ANN[1], False), (ANN[1], False), ("", False)]
    told = shell.told("tips", "compare", "24", "en", str(rows[1]["id"]), str(rows[0]["id"]))
    assert told == "lead:\nWalk [-ten-]{+twenty+} minutes.\n"
    assert "It has no revision 99" in shell.refusal("tips", "compare", "24", "en", "99", "1")
    assert "a file" in shell.told("tips", "revisions", "24", "en")
    assert shell.told("tips", "revisions", "24", "fr") == "Nothing was saved of it in the console.\n"


def test_a_tip_is_begun(shell: Shell) -> None:
    assert shell.told("tips", "new", "--notice", "tips") == "Tip 25 is begun; write it in the console.\n"
    assert "There is a tip 25 already." in shell.refusal("tips", "new", "--notice", "tips", "--number", "25")
    assert "There is no notice x" in shell.refusal("tips", "new", "--notice", "x")
