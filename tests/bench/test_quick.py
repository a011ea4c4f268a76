"""The whole benchmark once, with few readers: every part runs, and its figures hold together."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

READERS, VISITORS = 200, 40


@pytest.mark.journey
@pytest.mark.postfix
def test_a_quick_look_at_everything(tmp_path: Path) -> None:
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--quick", "--only", "sqlite,engine,rivals,signups"),
            *("--processes", "1", "--readers", str(READERS), "--signups", str(VISITORS)),
            *("--folder", str(tmp_path), "--json", str(tmp_path / "figures.json")),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=220, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "synchronous=2, journal_mode=wal" in ended.stdout
    assert "No row is void." in ended.stdout
    figures = json.loads((tmp_path / "figures.json").read_text())
    (campaign,) = figures["campaigns"]
    (run,) = campaign["runs"]
    assert run["outcomes"] == {"accepted": READERS}
    assert run["sink_taken"] == READERS
    assert run["senders_ms"] > 0
    assert run["connections"] >= 1
    assert 27_000 < run["octets"] < 33_000, "the tip mail is no longer about 30 KB: change content.SECTIONS"
    assert [rival["name"].split(",")[0] for rival in figures["rivals"]] == [
        *["smtp-source -d"] * 4,
        *["smtp-source"] * 4,
        "Jinja",
    ]
    assert [step["requests"] for step in figures["signups"]] == [VISITORS] * 6
    assert not list(tmp_path.glob("bench-*")), "it leaves nothing behind"
