"""Erasing while a delivery of that person's is recorded: neither waits for the other for ever."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import privacy
from newsletter_app.campaigns import Edition, EditionItem, EditionNote
from newsletter_app.delivery import DELIVERIES, Delivery
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.ledger import NextState, Record, State, record
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Owed, Untold
from newsletter_app.tips import Correction, Tip, send_into
from tests.factories import people
from tests.privacy.conftest import ADDRESS
from tests.waiting import until_blocked


@pytest.fixture
def claimed(session: Session, rose: Subscriber, now: datetime) -> tuple[int, int]:
    """Give the key of a claimed delivery whose mail holds a tip and tells of a correction."""
    row = session.scalars(select(Delivery).where(Delivery.subscriber_id == rose.id)).one()
    tip = session.scalars(select(Tip)).one()
    [publication] = send_into(session, tip, [1], now)
    edition = Edition(campaign_id=row.campaign_id, key="a", language="en", layout="html", created_at=now)
    correction = Correction(tip_id=tip.id, corrected_at=now, note_en="Two, not three.", note_fr="")
    session.add_all([edition, correction])
    session.flush()
    session.add(EditionItem(edition_id=edition.id, publication_id=publication.id, position=1))
    session.add(EditionNote(edition_id=edition.id, correction_id=correction.id, position=1))
    row.edition_id, row.state, row.claim_sender, row.claim_no = edition.id, State.claimed, 1, 1
    session.commit()
    return row.campaign_id, row.subscriber_id


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_what_was_not_sent_is_recorded_though_its_reader_is_being_erased(
    sessions: sessionmaker[Session], claimed: tuple[int, int], now: datetime
) -> None:
    """The row is held, erasing waits for it, and recording owes tip and correction to that very reader."""

    def erase() -> privacy.Erased:
        with sessions.begin() as session:
            whose = privacy.subject_at(session, parse_address(ADDRESS), people.HASH_KEY)
            return privacy.erase(session, whose, by="reader", now=now)

    with ThreadPoolExecutor(1) as pool, sessions() as recording, sessions() as watching:
        recording.execute(select(Delivery.state).where(*_is(claimed)).with_for_update())
        erasing = pool.submit(erase)
        until_blocked(watching)
        expired = Record(claimed, 1, NextState(State.expired), None, "mx")
        assert [row.ids for row in record(recording, DELIVERIES, 1, [expired], now)] == [claimed]
        recording.commit()
        assert erasing.result(60).deliveries == 1
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Owed)) == 0
        assert session.scalar(select(func.count()).select_from(Untold)) == 0
        assert session.scalar(select(Delivery.state).where(*_is(claimed))) == State.expired


def _is(ids: Sequence[int]) -> tuple[object, ...]:
    return Delivery.campaign_id == ids[0], Delivery.subscriber_id == ids[1]
