"""A started program: what it writes is its owner's alone, and burying it outlasts all that it had started."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from newsletter_app.adapters.running import Running
from tests.waiting import until

# The kernel takes a while to end a process that holds so much, and its port goes last.
SLOW_TO_END = """
import socket, time
held = bytearray(b"x") * 400_000_000
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
time.sleep(120)
"""
PROGRAM = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {SLOW_TO_END!r}])
time.sleep(120)
"""


def test_files_of_a_child_are_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # a DATA_DIR that somebody else made
    code = "import sqlite3; sqlite3.connect('new.db').execute('CREATE TABLE t (a)')"
    child = Running([sys.executable, "-c", code], tmp_path, lambda _line: None)
    until(child.ended, "the child's end")
    assert child.bury() == 0
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600  # S28


def test_a_port_of_what_is_buried_is_free(tmp_path: Path) -> None:
    said: list[str] = []
    running = Running([sys.executable, "-c", PROGRAM], tmp_path, said.append)
    until(lambda: running.read() and said, "the port is held")
    running.bury()
    assert int(said[0]) not in _held_ports()


def _held_ports() -> set[int]:
    listening = "0A"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == listening}
