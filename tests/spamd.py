"""A private SpamAssassin for the tests: local rules only, reached by a unix socket, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import until


def find_program() -> str | None:
    """Return where spamd is, or None where it is not installed."""
    return shutil.which("spamd", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def spamd() -> Iterator[Path]:
    """Run it with one child and yield its socket; it is asked for no more than one mail at a time."""
    program = find_program()
    if program is None:
        raise RuntimeError("no spamd is installed")
    # A socket's path must stay under 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="sa-", dir="/tmp"))
    place = folder / "socket"
    options = ["--local", "--nouser-config", "--max-children=1", "--min-children=1", "--syslog=stderr"]
    options += ["--cf=use_bayes 0", f"--helper-home-dir={folder}", f"--listen={place}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, *options], stdin=subprocess.DEVNULL, stderr=log, cwd=folder)
    try:
        until(lambda: _answers(place), "spamd listens")
        yield place
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _answers(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(place)) == 0
