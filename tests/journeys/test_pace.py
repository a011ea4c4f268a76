"""Four bulk processes keep one pace, measured where the mail arrives."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys.accounts import Taken
from tests.journeys.house import House, open_house
from tests.journeys.paces import SETTLED_S, Arrival, arrivals, drop_pace, error_of, set_pace, windows
from tests.journeys.readers import add_readers
from tests.waiting import until

pytestmark = [pytest.mark.journey]
PROCESSES = 4
RATE, WINDOW_S, WINDOWS = 100, 10, 31
SLOW, SLOW_RATE, SLOW_READERS = "slow.example", 2, 100
OTHERS = 2200
ERROR = 0.02
AT_ONCE_S, QUICK = 5.0, 2 * RATE
ROSE, SERVICE_S = "rose@example.org", 5.0
NOT_KEPT = ("--keep", "")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house with four bulk processes, and readers at two domains."""
    with ExitStack() as stack:
        house = open_house(stack, tmp_path, None, NOT_KEPT, bulk=PROCESSES)
        assert len(house.machine.process_ids("-Q bulk")) == PROCESSES
        add_readers(house, OTHERS)
        add_readers(house, SLOW_READERS, domains=(SLOW,))
        yield house


def test_many_processes_keep_one_pace(house: House) -> None:
    """A hundred a second overall and two to a slow domain; then only the latter; then next to nothing."""
    set_pace(house, "overall", per_second=str(RATE))
    set_pace(house, "domain", SLOW, per_second=str(SLOW_RATE))
    house.write_tip(1)
    taken = Taken(house)
    house.publish(1)
    until(lambda: taken() > RATE * (SETTLED_S + WINDOWS / 10 + WINDOW_S), "the windows are over", 60)
    mails = arrivals(house, 1)
    all_times, slow_times = [mail.at for mail in mails], [mail.at for mail in mails if mail.domain == SLOW]
    assert error_of(windows(all_times, WINDOW_S, WINDOWS), RATE * WINDOW_S) <= ERROR  # M22
    assert error_of(windows(slow_times, WINDOW_S, WINDOWS), SLOW_RATE * WINDOW_S) <= ERROR  # M22
    # A bucket holds a second's worth, so that no second sees more than two.
    assert max(windows(all_times, 1, 10 * WINDOW_S)) <= 2 * RATE
    _only_the_slow_domain_is_limited(house)
    _a_service_mail_waits_behind_nothing(house)


def _only_the_slow_domain_is_limited(house: House) -> None:
    """Everybody else is served at once, while the slow domain's readers trickle on."""
    lifted_at = time.time()
    drop_pace(house, "overall")
    others = until(lambda: _all_others(house), "everybody else was served", AT_ONCE_S + 5)
    late = [mail.at for mail in others if mail.at > lifted_at]
    assert late[-1] - lifted_at < AT_ONCE_S
    half = len(late) // 2
    assert half / (late[-1] - late[half]) > QUICK  # M22
    slow = [mail.at for mail in arrivals(house, 1) if mail.domain == SLOW]
    assert len(slow) < SLOW_READERS
    lasted = slow[-1] - slow[0]
    assert abs(len(slow) - 1 - SLOW_RATE * lasted) <= ERROR * SLOW_RATE * lasted + 1


def _all_others(house: House) -> list[Arrival]:
    others = [mail for mail in arrivals(house, 1) if mail.domain != SLOW]
    return others if len(others) == OTHERS else []


def _a_service_mail_waits_behind_nothing(house: House) -> None:
    """Bulk mail may hardly leave at all; who signs up now gets the mail to confirm all the same."""
    set_pace(house, "overall", per_second="0.001")
    house.sign_up(ROSE)
    until(
        lambda: any(line["recipient"] == ROSE for line in house.server.account()),
        "the mail to confirm",
        SERVICE_S,
    )
