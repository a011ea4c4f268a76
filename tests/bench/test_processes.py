"""What the kernel says of processes, asked about ones whose answer is known."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from bench import processes
from tests.waiting import until

ROOT = Path(__file__).parents[2]
BURN = "x = sum(i * i for i in range(3_000_000))"


def test_cpu_time_is_the_processs_own() -> None:
    before = processes.own_cpu_ms([os.getpid()])
    began = time.process_time()
    exec(BURN)  # It must cost more than a tick of the kernel's.
    used = (time.process_time() - began) * 1000
    assert abs(processes.own_cpu_ms([os.getpid()]) - before - used) < 60


def test_a_tree_counts_children_that_have_ended() -> None:
    burning = f"subprocess.run([sys.executable, '-c', {BURN!r}])"
    parent = f"import subprocess, sys; {burning}; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert processes.tree_cpu_ms(process.pid) > 2 * processes.own_cpu_ms([process.pid])


def test_descendants_are_found_at_any_depth() -> None:
    inner = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", inner], stdin=subprocess.PIPE) as process:
        found = until(lambda: processes.descendants(process.pid), "the child runs")
        assert set(found) <= set(processes.descendants(os.getpid()))


def test_an_ended_process_counts_nothing() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert (processes.own_cpu_ms([ended.pid]), processes.share_kb(ended.pid)) == (0, 0)


FORKING = """
import os, signal
from bench.processes import share_kb
octets = bytearray(os.urandom(1024 * 1024)) * 64
alone, child = share_kb(os.getpid()), os.fork()
if child == 0:
    signal.pause()
print(alone, share_kb(os.getpid()))
os.kill(child, signal.SIGKILL)
"""


def test_memory_that_two_processes_hold_is_counted_half_for_each() -> None:
    """A forked part shares what its launcher had imported."""
    done = subprocess.run(
        [sys.executable, "-c", FORKING], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    alone, shared = map(int, done.stdout.split())
    assert alone > 64 * 1024
    assert shared < alone - 24 * 1024


def test_connections_are_counted_at_their_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert processes.connections_to(port) == 0
        with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
            assert processes.connections_to(port) == 2


def test_a_filesystem_is_known_by_its_nearest_mount() -> None:
    assert processes.filesystem_of(Path("/proc/self")) == "proc"
