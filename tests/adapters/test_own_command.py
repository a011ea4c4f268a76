"""The command line that a process shows: as long as it is, and its environment beside it."""

from __future__ import annotations

import subprocess
import sys

from config import ROOT

SHOW = """
import os, sys
from newsletter_app.adapters import own_command
for words in (sys.argv[1:], ["short"]):
    own_command.show(words, {"GIVEN": "to it", "DATA_DIR": "/somewhere"})
    print(open("/proc/self/cmdline").read().split("\\0"))
    print(open("/proc/self/environ").read().split("\\0"))
print([bytearray(300_000)[0] for _ in range(100)][0])  # its heap still grows
"""


def test_a_longer_command_costs_nothing_of_the_environment() -> None:
    words = ["python", "-m", "celery", "", "é" * 5000]
    done = subprocess.run(
        [sys.executable, "-c", SHOW, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    environment = str(["GIVEN=to it", "DATA_DIR=/somewhere", ""])
    expected = [str([*words, ""]), environment, str(["short", ""]), environment, "0"]
    assert done.stdout.splitlines() == expected
