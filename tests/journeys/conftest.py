"""The machines that the journeys share, each begun once: who comes has readers and tips of their own.

To begin a machine costs as much as ten such tests. What cannot be put back in order has a machine of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.house import PAIRS, House
from tests.journeys.outages import Standing, standing_house

# Two on the embedded set, since one alone would be the last to be done, and one on PostgreSQL and Redis. The
# names keep what shares a machine in one process (tests/distribution.py).
CALM, TROUBLED = "on the calm machine", "on the troubled machine"
LARGER = pytest.param("on the larger machine", marks=pytest.mark.postgres)

on_each_set = pytest.mark.parametrize("shared", [CALM, LARGER], indirect=True)
in_trouble = pytest.mark.parametrize("shared", [TROUBLED], indirect=True)
in_trouble_on_each_set = pytest.mark.parametrize("shared", [TROUBLED, LARGER], indirect=True)
on_the_larger_set = pytest.mark.parametrize("shared", [LARGER], indirect=True)


@pytest.fixture(scope="session", params=[CALM])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Give a running machine with an organisation and two notices; its log is looked at in the end."""
    on_postgres = request.param not in (CALM, TROUBLED)
    with standing_house(tmp_path_factory.mktemp("machine"), on_postgres=on_postgres) as standing:
        yield standing


@pytest.fixture
def standing(shared: Standing) -> Standing:
    """Give the machine as everybody wants to find it: well, its SMTP server quick and without a script."""
    house = shared.house
    house.server.obey({})
    (house.machine.folder / PAIRS).unlink(missing_ok=True)
    house.machine.restore()
    return shared


@pytest.fixture
def house(standing: Standing) -> House:
    """Give the house on that machine."""
    return standing.house
