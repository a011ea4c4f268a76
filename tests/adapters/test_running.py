"""A started program: what it writes is its owner's alone, wherever it writes."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from newsletter_app.adapters.running import Running
from tests.waiting import until


def test_files_of_a_child_are_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # a DATA_DIR that somebody else made
    code = "import sqlite3; sqlite3.connect('new.db').execute('CREATE TABLE t (a)')"
    child = Running([sys.executable, "-c", code], tmp_path, lambda _line: None)
    until(child.ended, "the child's end")
    assert child.bury() == 0
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600  # S28
