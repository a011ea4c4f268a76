"""The outbox keeps every parcel once, and journals as a server's transport does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from newsletter_app import outbox
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.mail.accounts import Account
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.transport import Parcel, Result
from newsletter_app.outbox import OutboxTransport
from tests.factories.engine import HOST, Hands

PARCELS = [Parcel(f"s:{n}", 1, "b-1@example.org", f"r{n}@example.ca", b"Subject: x\r\n\r\n") for n in (1, 2)]


def test_a_second_hand_over_changes_nothing(unit_of_work: UnitOfWork, now: datetime, tmp_path: Path) -> None:
    """The ledger's key is unique."""
    clock = Hands(now)
    journal = Journal.open(tmp_path, 1, HOST, now)
    transport = OutboxTransport(unit_of_work, clock)
    for _ in range(2):
        outcomes = list(transport.hand_over(PARCELS, journal, lambda: False))
        assert [outcome.result for outcome in outcomes] == [Result.accepted] * 2
    journal.close()
    with unit_of_work() as session:
        assert [mail.key for mail in outbox.newest(session, 10)] == ["s:2", "s:1"]
        assert outbox.find(session, 99) is None
    assert len(Account(next(tmp_path.glob("*.journal"))).fates()) == 2


def test_stop_is_heard_between_parcels(unit_of_work: UnitOfWork, now: datetime, tmp_path: Path) -> None:
    """What was begun is finished, nothing more is pulled."""
    journal = Journal.open(tmp_path, 1, HOST, now)
    answers = iter([False, True])
    transport = OutboxTransport(unit_of_work, Hands(now))
    assert len(list(transport.hand_over(PARCELS, journal, lambda: next(answers)))) == 1
    journal.close()
