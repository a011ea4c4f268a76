"""A forked part beside an executed one: whatever it does and finds, nobody can tell which it is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from config import ROOT

# A supervisor's like: it has handlers, descriptors and text of its own, which are none of the child's.
PARENT = """
import json, os, pathlib, selectors, signal, sys
from newsletter_app.adapters.forked import Forked
from newsletter_app.adapters.running import Running, execute
from tests.waiting import until
folder, way = sys.argv[1:]
print("the parent's", end=" ")
# A shell that runs the tests in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: print("handled by the parent's code"))
selector = selectors.DefaultSelector()
os.set_inheritable(os.open(folder, os.O_RDONLY), True)
lines = []
command = [sys.executable, "-W", "ignore:nothing", "-m", "part", "one", "two words"]
begin = {"forked": Forked, "executed": execute}[way]
try:
    child = Running(command, pathlib.Path(folder), lines.append, begin)
    until(child.ended, "its end")
    status = child.bury()
finally:
    print("end")
print(json.dumps([status, lines]))
"""
FACTS = """
import json, os, re, signal, sys, warnings
print(json.dumps({
    "descriptors": {
        number: re.sub(r"[0-9]+", "N", os.readlink(f"/proc/self/fd/{number}"))
        for number in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{number}")
    },
    "one output": os.readlink("/proc/self/fd/1") == os.readlink("/proc/self/fd/2"),
    "command line": open("/proc/self/cmdline").read().split("\\0"),
    "environment": sorted(open("/proc/self/environ").read().split("\\0")),
    "os.environ": sorted(os.environ.items()),
    # SigQ counts what waits for all processes of the user together.
    "signals": [line for line in open("/proc/self/status") if line[:3] in ("Sig", "Shd") and line[3] != "Q"],
    "interrupt": repr(signal.getsignal(signal.SIGINT)),
    "limits": open("/proc/self/limits").read(),
    "leads": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
    "umask": os.umask(0),
    "folder": os.getcwd(),
    "argv": [sys.argv, sys.orig_argv, sys.path[0], __name__, __file__],
    "streams": [[stream.fileno(), stream.encoding, stream.errors, stream.write_through]
                for stream in (sys.stdin, sys.stdout, sys.stderr)],
    "typed": sys.stdin.read(),
    "warnings": [sys.warnoptions, [[one[0], one[1] and one[1].pattern] for one in warnings.filters]],
    "__main__": sys.modules["__main__"].__file__,
}))
"""
PROGRAMS = {
    "does nothing": ("", 0),
    "exits": ("import sys; sys.exit(3)", 3),
    "exits without a status": ("import sys; sys.exit()", 0),
    "exits below zero": ("import sys; sys.exit(-1)", 255),
    "exits with words": ("import sys; sys.exit('the words')", 1),
    "raises": ("raise ValueError('no')", 1),
    "does not parse": ("this is no Python", 1),
    "is interrupted": ("raise KeyboardInterrupt", -signal.SIGINT),
    "leaves at once": ("import os; os._exit(7)", 7),
    "is killed": ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
    "is asked to stop": ("import os; os.kill(os.getpid(), 15)", -signal.SIGTERM),
    "sees its reader go": (
        "import os, signal\nsignal.signal(13, signal.SIG_DFL)\n"
        "r, w = os.pipe(); os.close(r); os.write(w, b'x')",
        -signal.SIGPIPE,
    ),
    "says half a line": ("import sys; sys.stdout.write('half '); sys.stderr.write('a line')", 0),
    "has a thread left": (
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.1), print('the thread'))).start()\nprint('the rest')",
        0,
    ),
    "has an executor left": (
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(print, 'the task')",
        0,
    ),
    "has something to do at its end": (
        "import atexit, sys; atexit.register(print, 'the end of it'); sys.exit(4)",
        4,
    ),
}


class Outcome(NamedTuple):
    """How a child ended, what it said, and what its parent printed besides."""

    status: int
    lines: list[str]
    parent: str


def outcome(folder: Path, way: str, program: str) -> Outcome:
    (folder / "part.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(folder), way],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *parent, result = done.stdout.splitlines()
    return Outcome(*json.loads(result), "\n".join(parent))


def facts(folder: Path, way: str) -> dict[str, Any]:
    found = outcome(folder, way, FACTS)
    assert found.status == 0, found.lines
    return dict(json.loads(found.lines[0]))


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_ends_as_an_executed_one(name: str, tmp_path: Path) -> None:
    program, status = PROGRAMS[name]
    executed, forked = (outcome(tmp_path, way, program) for way in ("executed", "forked"))
    assert forked.status == executed.status == status
    assert told(forked) == told(executed)


def told(of: Outcome) -> list[str]:
    """Return what it said, of a traceback the last line: the way to the fault is a little longer."""
    return of.lines[-1:] if "Traceback (most recent call last):" in of.lines else of.lines


@pytest.mark.parametrize("name", ["raises", "exits", "does nothing"])
def test_it_never_comes_back_to_its_parents_code(name: str, tmp_path: Path) -> None:
    found = outcome(tmp_path, "forked", PROGRAMS[name][0])
    # What the parent had not yet written when it forked, and its ``finally``.
    assert found.parent == "the parent's end"


def test_it_finds_what_an_executed_one_finds(tmp_path: Path) -> None:
    executed, forked = (facts(tmp_path, way) for way in ("executed", "forked"))
    for name, value in executed.items():
        assert forked[name] == value, name


def test_it_holds_nothing_of_its_parents(tmp_path: Path) -> None:
    found = facts(tmp_path, "forked")
    assert found["descriptors"] == {"0": "/dev/null", "1": "pipe:[N]", "2": "pipe:[N]"}
    assert found["umask"] == 0o077  # S28


def test_it_shows_its_command(tmp_path: Path) -> None:
    shown = [sys.executable, "-W", "ignore:nothing", "-m", "part", "one", "two words", ""]
    assert facts(tmp_path, "forked")["command line"] == shown
