"""Two campaigns planned at the same moment over the same readers: everybody gets each tip once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from sqlalchemy import func, select

from newsletter_app.campaigns import EditionItem, launch_due
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.planning import plan_slice
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_readers

READERS = 40


def test_nobody_is_planned_the_same_tip_twice(unit_of_work: UnitOfWork, now: datetime) -> None:
    """Slices of one reader each, so that the two meet again and again."""
    with unit_of_work() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        make_readers(session, READERS, notice, now)
        ids = [
            make_campaign(session, make_tip(session, notice, number, now), [notice], now).id
            for number in (24, 25)
        ]
    with unit_of_work() as session:
        launch_due(session, now)
    start = Barrier(2)

    def plan(campaign_id: int) -> None:
        start.wait(timeout=30)
        more = True
        while more:
            with unit_of_work() as session:
                more = plan_slice(session, campaign_id, 1, now)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(plan, campaign_id) for campaign_id in ids]:
            future.result(120)
    with unit_of_work() as session:
        planned = (
            select(Delivery.subscriber_id, EditionItem.publication_id, func.count())
            .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
            .group_by(Delivery.subscriber_id, EditionItem.publication_id)
        )
        counts = [count for _, _, count in session.execute(planned)]
    assert counts == [1] * (2 * READERS)
