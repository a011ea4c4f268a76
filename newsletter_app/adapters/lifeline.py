"""The lifeline: ends the process groups it was told of when its standard input closes; it starts nothing.

Run as a process of its own by the supervisor (``python -I -S lifeline.py``), which writes ``+GROUP``
when a child starts and ``-GROUP`` when it has ended. When the supervisor dies in whatever way, the
kernel closes the pipe and nothing stays behind. This needs no prctl (Linux only, and it would not
reach a child's own children), and it holds the installation's lock until the last child is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

PATIENCE_S = 12.0


def watch(lines: Iterable[str], patience: float = PATIENCE_S) -> None:
    """Read ``+GROUP`` and ``-GROUP`` until the end, then end every group still told of."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    end_groups(groups, patience)


def end_groups(groups: set[int], patience: float) -> None:
    """Ask every group to stop (SIGTERM), wait up to ``patience`` seconds, then end what is left."""
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: int) -> bool:
    """Send signal ``number`` (0 only asks) to a process group; tell whether it has members."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS answers so for a group of zombies alone.
        return False
    return True


if __name__ == "__main__":
    # The terminal's Ctrl-C is the supervisor's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    watch(sys.stdin)
