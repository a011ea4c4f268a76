"""A campaign through Debian's Postfix with one reader refused in mid-group: nobody gets another's sender."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter_app.delivery import SHARDS
from tests.journeys.house import Organised, run
from tests.journeys.machine import Machine
from tests.journeys.postfix import postfix
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.postfix]
SOON = timedelta(seconds=3)
COUNT = 24
# Of one shard: over five connections each group of commands has readers before and behind it.
READERS = [f"reader{SHARDS * place + 1}@example.ca" for place in range(COUNT)]
REFUSED = READERS[10]


def test_nobody_gets_the_refused_readers_sender(tmp_path: Path) -> None:
    """Postfix answers a refused RCPT with 554 to DATA, and 503 to the next MAIL unless RSET comes first."""
    with ExitStack() as stack:
        server = stack.enter_context(postfix([REFUSED]))
        house = Organised(Machine(tmp_path, SMTP_URL=f"smtp://127.0.0.1:{server.port}?starttls=off"))
        run(stack, house)
        assert house.add_readers_of_one_shard(COUNT) == READERS
        house.write_tip(1)
        house.publish(1, datetime.now(UTC).replace(microsecond=0) + SOON)
        senders = house.senders(1)
        house.wait_until_finished(1)
        until(lambda: len(server.taken()) >= COUNT - 1, f"every mail is delivered: {server.log()}")

        taken = server.taken()
        assert {(one.sender, one.recipient, one.to) for one in taken} == {
            (senders[address], address, address) for address in READERS if address != REFUSED
        }
        assert len(taken) == COUNT - 1
        assert f"from=<{senders[REFUSED]}> to=<{REFUSED}>" in server.log()
        rows = house.deliveries(1)
        refused = rows.pop(REFUSED)
        assert (refused["state"], refused["reply_code"], refused["reply_enhanced"]) == (
            "refused",
            550,
            "5.1.1",
        )
        assert {row["state"] for row in rows.values()} == {"accepted"}
