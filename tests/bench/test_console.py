"""The bench of the console once, with few readers: it fills every table, and every page answers."""

from __future__ import annotations

import re

import pytest

from bench import console

READERS, CAMPAIGNS, TIPS = 300, 3, 20
ROW = re.compile(r"^\| (POST )?(/\S*) \| (\d+) \| \d+ \| \d+ \| \d+ \| \d+ \| (\d+) \|", re.MULTILINE)
# What leads elsewhere for somebody who is signed in, and an address that nobody reads with.
LEADS_ON = {"/console/board", "/console/code"}


@pytest.mark.journey
@pytest.mark.postgres
def test_every_page_answers(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--readers", str(READERS), "--campaigns", str(CAMPAIGNS), "--tips", str(TIPS), "--times", "1"]
    console.main([*asked, "--folder", "/tmp"])
    rows = ROW.findall(capsys.readouterr().out)
    answers = {path: int(status) for verb, path, status, _statements in rows if not verb}
    assert {path for path, status in answers.items() if status != 200} == LEADS_ON
    assert {status for verb, _path, status, _statements in rows if verb} == {"200", "422"}
    for page in ("/console", "/console/campaigns", "/console/tips", "/console/log", "/console/staff"):
        assert page in answers
    assert len(answers) > 50
