"""How tests are spread over processes: a file stays together, and so does what shares a machine."""

from __future__ import annotations

import re

from xdist.scheduler import LoadFileScheduling

# The parameter in a test's name that says on which machine it runs (tests/journeys/conftest.py).
MACHINE = re.compile(r"\bon the \w+ machine\b")


class ByMachine(LoadFileScheduling):
    """Gives a process one file after the other, or all that runs on one machine."""

    def _split_scope(self, nodeid: str) -> str:
        found = MACHINE.search(nodeid)
        return found[0] if found else str(super()._split_scope(nodeid))
