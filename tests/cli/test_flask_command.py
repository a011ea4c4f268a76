"""``.venv/bin/flask`` as the README types it: found without --app, every command and option known."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

ROOT = Path(__file__).parents[2]
FLASK = ".venv/bin/flask "
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TYPED = sorted(
    {
        line.strip().split("  #")[0].split(FLASK, 1)[1].strip("` ")
        for page in PAGES
        for line in re.findall(
            r"^[^`\n]*\.venv/bin/flask [^`\n]*", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
)


def test_it_is_found_without_being_told(tmp_path: Path) -> None:
    """From the checkout, with nothing in the environment but where to keep things."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "tips", "list"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    # A database that was never prepared is told in a sentence, not by a trace of the program.
    assert "Run `flask prepare`" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_the_readme_types_commands() -> None:
    assert len(TYPED) >= 5


@pytest.mark.parametrize("line", TYPED)
def test_the_readme_types_what_there_is(shell: Shell, line: str) -> None:
    """--help is answered before anything is done, but after an unknown command or option is refused."""
    assert "Usage: " in shell.told(*shlex.split(line), "--help")


GROUPS = ["organisation", "notices", "tips", "subscribers", "suppressions", "campaigns"]


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_explains_itself(shell: Shell, group: str) -> None:
    told = shell.told(group, "--help")
    commands = told.split("Commands:\n")[1].splitlines()
    assert len(commands) >= 2
    assert all(len(command.split(maxsplit=1)) == 2 for command in commands if command[:3] != "   ")
