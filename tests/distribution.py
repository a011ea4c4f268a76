"""How tests are spread over processes: what shares a machine stays together; who waits, beside who works."""

from __future__ import annotations

import re

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# The parameter in a test's name that says on which machine it runs (tests/journeys/conftest.py).
MACHINE = re.compile(r"\bon the \w+ machine\b")
# They mostly wait for processes; all others mostly keep a core busy.
WAITING = re.compile(r"tests/(journeys|bench)/|tests/web/test_browser|tests/workers/test_broker_lost")

WAITERS = 0.6  # The share of the processes that begin with them.


class ByMachine(LoadFileScheduling):
    """Gives a process one file after the other, or all that runs on one machine.

    Some processes begin with what waits and the others with what works, so that the cores are busy from
    beginning to end: waiting together, they would leave them idle first and crowd them later.
    """

    def _split_scope(self, nodeid: str) -> str:
        found = MACHINE.search(nodeid)
        return found[0] if found else str(super()._split_scope(nodeid))

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = self.nodes.index(node) < len(self.nodes) * WAITERS
        fitting = next((scope for scope in self.workqueue if is_waiting(scope) == waits), None)
        if fitting is not None:
            self.workqueue.move_to_end(fitting, last=False)
        super()._assign_work_unit(node)


def is_waiting(scope: str) -> bool:
    """Tell whether the tests of a file, or of a machine, mostly wait."""
    return bool(MACHINE.search(scope) or WAITING.match(scope))
