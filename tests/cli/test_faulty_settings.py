"""A faulty setting at the terminal: its own sentence and nothing else, whatever was asked for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from config import ROOT

FLASK = ROOT / ".venv" / "bin" / "flask"


@pytest.mark.parametrize("words", [["doctor"], ["feedback", "list"], ["--help"]])
def test_only_the_fault_is_told(tmp_path: Path, words: list[str]) -> None:
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": "80a"}
    done = subprocess.run(
        [str(FLASK), *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == "Error: PORT is '80a': give a whole number from 1 to 65535.\n"
    assert (done.returncode, done.stdout) == (2, "")
