"""``flask references``: exported whole or by tip, and which are old."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from newsletter_app import notices
from tests.cli.conftest import Shell
from tests.factories import content


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
