"""kill -9 of the bulk worker in mid-campaign: by the SMTP server's account every reader exactly once."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys.kills import missed, open_arena, run_rounds

pytestmark = [pytest.mark.journey]
ROUNDS, READERS, SEED = 2, 2000, 20


def test_a_killed_worker_loses_nobody_and_mails_nobody_twice(tmp_path: Path) -> None:
    """Two rounds; what no reply was read for is uncertain, one a connection, and never sent again."""
    with ExitStack() as stack:
        house = open_arena(stack, tmp_path, READERS)
        rounds = list(run_rounds(house, ROUNDS, SEED))
        for each in rounds:
            assert each.faults() == [], each.line()  # M17, M18
            assert each.tally.accepted + len(each.tally.uncertain) == READERS
        assert missed(rounds) == []
        assert house.server.violations() == []
