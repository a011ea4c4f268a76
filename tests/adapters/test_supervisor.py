"""The supervisor with small programs of its own kind: restarts, order of stopping, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.waiting import until

# A program that writes down its number, its child's number, and that it was asked to stop.
CHILD = """
import os, signal, subprocess, sys, time
folder, name, manner = sys.argv[1:4]
def note(what):
    with open(f"{folder}/events", "a") as file:
        file.write(f"{name} {what}\\n")
def stop(*_):
    note("asked")
    if manner != "stubborn":
        time.sleep(0.2)
        note("stopped")
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
note(f"began {os.getpid()} {own.pid}")
print("hello from", name, flush=True)
if manner == "dying":
    sys.exit(3)
while True:
    time.sleep(0.05)
"""

PARENT = """
import sys, pathlib
from newsletter_app.adapters import supervisor as module
from newsletter_app.adapters.supervisor import Child, GaveUp, Supervisor
folder, child_code, stop_seconds, *manners = sys.argv[1:]
module.STOP_S = float(stop_seconds)
# So long that whatever the supervisor does in time, it does because something woke it.
module.TURN_S = 60.0
supervisor = Supervisor(cwd=pathlib.Path(folder), out=sys.stdout)
supervisor.obey_signals()
def child(name, manner):
    return Child(name, [sys.executable, "-c", child_code, folder, name, manner], last=name == "broker")
try:
    supervisor.start(*(child(*words.split("=")) for words in manners))
    supervisor.watch()
except GaveUp as fault:
    supervisor.say(str(fault))
    sys.exit(1)
finally:
    supervisor.stop()
"""

# One that may fork, with a module that it has imported for its child.
FORKING_PARENT = """
import sys, pathlib
from newsletter_app.adapters.supervisor import Child, Supervisor
folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder))
import shared
supervisor = Supervisor(cwd=folder, out=sys.stdout)
supervisor.obey_signals()
supervisor.may_fork = True
supervisor.start(Child("part", [sys.executable, "-m", "part"], forked=True))
supervisor.watch()
supervisor.stop()
"""
PART = """
import os, time
import shared
print(os.getpid(), shared.WORDS)
time.sleep(120)
"""


class Family:
    """A supervisor process with its children; ``events`` is what the children wrote down."""

    def __init__(self, folder: Path, *manners: str, stop_seconds: float = 12.0) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder), CHILD, str(stop_seconds), *manners],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def events(self) -> list[str]:
        path = self.folder / "events"
        return path.read_text().splitlines() if path.exists() else []

    def began(self, name: str) -> list[tuple[int, int]]:
        lines = [line.split() for line in self.events() if line.startswith(f"{name} began")]
        return [(int(line[2]), int(line[3])) for line in lines]

    def everybody(self) -> set[int]:
        lines = [line.split() for line in self.events() if " began " in line]
        return {int(number) for line in lines for number in line[2:4]}

    def finish(self, seconds: float = 20) -> str:
        output, _ = self.process.communicate(timeout=seconds)
        return output


def wait_for(condition: Callable[[], object]) -> None:
    until(condition, "what the supervisor is to bring about")


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            # A zombie has ended; whoever inherits it reaps it.
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Callable[..., Family]]:
    made: list[Family] = []

    def make(*manners: str, stop_seconds: float = 12.0) -> Family:
        made.append(Family(tmp_path, *manners, stop_seconds=stop_seconds))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()
        for pid in one.everybody():
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


def test_a_child_that_is_killed_is_started_again(family: Callable[..., Family]) -> None:
    started = family("web=plain", "bulk=plain")
    wait_for(lambda: started.began("web") and started.began("bulk"))
    ((web, web_child),) = started.began("web")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: len(started.began("web")) == 2)
    assert not is_running(web_child), "what a dead child left behind would hold its port"
    assert len(started.began("bulk")) == 1, "its sibling is left alone"
    started.process.terminate()
    output = started.finish()
    assert "The web process ended (killed by signal 9); it is started again." in output
    assert output.count("web     | hello from web") == 2


def test_a_child_that_keeps_dying_is_given_up_with_a_sentence(family: Callable[..., Family]) -> None:
    started = family("broker=plain", "web=dying")
    output = started.finish(40)
    assert started.process.returncode == 1
    assert "The web process ended 5 times within 30 seconds" in output
    assert "Traceback" not in output
    assert len(started.began("web")) == 5
    assert not [pid for pid in started.everybody() if is_running(pid)]


def test_a_child_that_is_killed_again_and_again_is_never_given_up(family: Callable[..., Family]) -> None:
    """Whoever kills it, an operator or a kernel short of memory, means this child and not the rest."""
    started = family("web=plain")
    for time_killed in range(1, 7):
        wait_for(lambda so_often=time_killed: len(started.began("web")) == so_often)
        os.kill(started.began("web")[-1][0], signal.SIGKILL)
    wait_for(lambda: len(started.began("web")) == 7)
    started.process.terminate()
    started.finish()
    assert started.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_reaches_all_and_the_broker_last(
    family: Callable[..., Family], number: signal.Signals
) -> None:
    started = family("broker=plain", "web=plain", "bulk=plain")
    wait_for(lambda: len(started.everybody()) == 6)
    started.process.send_signal(number)
    started.finish()
    assert started.process.returncode == 0
    events = started.events()
    assert events.index("broker asked") > max(events.index("web stopped"), events.index("bulk stopped"))
    assert not [pid for pid in started.everybody() if is_running(pid)]


def test_a_child_that_will_not_stop_is_ended(family: Callable[..., Family]) -> None:
    started = family("broker=plain", "web=stubborn", stop_seconds=3.0)
    wait_for(lambda: len(started.everybody()) == 4)
    started.process.terminate()
    started.finish()
    assert started.process.returncode == 0
    assert "web stopped" not in started.events()
    assert "broker stopped" in started.events(), "there is time left for the broker to save"
    assert not [pid for pid in started.everybody() if is_running(pid)]


def test_a_supervisor_that_is_killed_leaves_nobody_behind(family: Callable[..., Family]) -> None:
    started = family("broker=plain", "web=plain")
    wait_for(lambda: len(started.everybody()) == 4)
    os.kill(started.process.pid, signal.SIGKILL)
    wait_for(lambda: not [pid for pid in started.everybody() if is_running(pid)])
    assert "web stopped" in started.events(), "they are asked before they are ended"


def test_a_lifeline_that_is_killed_is_replaced(family: Callable[..., Family]) -> None:
    started = family("web=plain")
    wait_for(lambda: started.began("web"))
    (first,) = lifelines(started.process.pid)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: [pid for pid in lifelines(started.process.pid) if pid != first])
    os.kill(started.process.pid, signal.SIGKILL)
    wait_for(lambda: not [pid for pid in started.everybody() if is_running(pid)])


def test_a_hangup_without_a_terminal_starts_all_but_the_broker_anew(family: Callable[..., Family]) -> None:
    started = family("broker=plain", "web=plain")
    wait_for(lambda: len(started.everybody()) == 4)
    started.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(started.began("web")) == 2)
    assert len(started.began("broker")) == 1
    assert "web stopped" in started.events()


def test_a_reader_of_the_output_that_went_away_stops_nothing(family: Callable[..., Family]) -> None:
    started = family("web=plain")
    wait_for(lambda: started.began("web"))
    assert started.process.stdout is not None
    started.process.stdout.close()
    os.kill(started.began("web")[0][0], signal.SIGKILL)
    wait_for(lambda: len(started.began("web")) == 2)
    assert started.process.poll() is None


def test_forked_children_have_the_code_of_the_start_until_a_reload(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(PART)
    (tmp_path / "shared.py").write_text("WORDS = 'old'")
    with subprocess.Popen(
        [sys.executable, "-c", FORKING_PARENT, str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        first, words = said_by_part(process)
        assert words == "old"
        (tmp_path / "shared.py").write_text("WORDS = 'newer'")
        os.kill(first, signal.SIGKILL)
        second, words = said_by_part(process)
        assert words == "old", "half of an upgrade is never run"
        process.send_signal(signal.SIGHUP)
        third, words = said_by_part(process)
        assert words == "newer"
        os.kill(third, signal.SIGKILL)
        fourth, words = said_by_part(process)
        assert words == "newer"
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert not [pid for pid in (first, second, third, fourth) if is_running(pid)]


def test_forked_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(PART)
    (tmp_path / "shared.py").write_text("WORDS = 'old'")
    with subprocess.Popen(
        [sys.executable, "-c", FORKING_PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        child, _ = said_by_part(process)
        process.kill()
    wait_for(lambda: not is_running(child))


def said_by_part(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return what the part says next: its id, and the words of the module."""
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    pid, words = next(line for line in lines if line.startswith("part ")).split()[2:]
    return int(pid), words


def lifelines(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            line = (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(words[1]) == parent and words[0] != "Z" and b"lifeline.py" in line:
            found.append(int(entry.name))
    return found
