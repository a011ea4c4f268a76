"""Who is still to be told: gathered in stretches, told once however many plan at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

from newsletter_app import campaigns, tips
from newsletter_app.campaigns import (
    CORRECTION,
    Campaign,
    CampaignNotice,
    EditionItem,
    EditionNote,
    launch_due,
)
from newsletter_app.delivery import Delivery, retire
from newsletter_app.delivery.ending import keep_counts
from newsletter_app.delivery.shards import close_shards
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.notices import Notice
from newsletter_app.planning import gather, plan_slice, reach, untold_of
from newsletter_app.subscriptions import Subscription, Untold
from newsletter_app.tips import Correction, Tip, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_readers

READERS = 12


@pytest.fixture
def tip(session: Session, now: datetime) -> Tip:
    """Give tip 24, which a mail server took for every reader of health tips."""
    make_organisation(session)
    notice = make_notice(session, now)
    make_readers(session, READERS, notice, now)
    tip = make_tip(session, notice, 24, now)
    plan_all(session, make_campaign(session, tip, [notice], now), now)
    session.execute(update(Delivery).values(state="accepted"))
    session.execute(update(EditionItem).values(side="en", revision=1))
    session.commit()
    return tip


def plan_all(session: Session, campaign: Campaign, now: datetime) -> None:
    launch_due(session, now)
    while plan_slice(session, campaign.id, 100, now):
        continue


def correct(session: Session, tip: Tip, now: datetime, *, urgent: bool = False) -> Correction:
    """Correct the tip as it is, and let the change be seen by everybody."""
    told = campaigns.correct(session, tip, "A.", "B.", by="bo", now=now, urgent=urgent, text_unchanged=True)
    session.commit()
    return told


def untold(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Untold)) or 0


def test_readers_are_gathered_in_stretches(session: Session, tip: Tip, now: datetime) -> None:
    """Each in a transaction that may be the last one for today; afterwards there is nothing to gather."""
    told = correct(session, tip, now)
    seen = []
    while gather(session, now, stretch=5):
        seen.append(untold(session))
    assert seen == [5, 10, READERS]
    assert told.gathered_at == now
    assert reach(session, told) == (READERS, 0)


def test_the_page_alone_tells_nobody(session: Session, tip: Tip, now: datetime) -> None:
    """Why a tip was taken back, for one."""
    tips.correct(session, tip, "A.", "B.", now)
    session.commit()
    assert not gather(session, now)


def test_three_planners_at_once_tell_each_reader_once(
    session: Session, unit_of_work: UnitOfWork, tip: Tip, now: datetime
) -> None:
    """The urgent mail, a tip, and a weekly mail of another notice, each in slices of one reader."""
    events = make_notice(session, now, "events")
    readers = session.scalars(select(Subscription.subscriber_id)).all()
    session.add_all(
        Subscription(
            subscriber_id=reader,
            notice_id=events.id,
            state="active",
            cadence="weekly",
            created_at=now,
            confirmed_at=now,
        )
        for reader in readers
    )
    notice = session.get_one(Notice, tip.notice_id)
    send_into(session, make_tip(session, events, None, now, title="A walk"), [events.id], now)
    weekly = Campaign(
        occurrence="weekly:test",
        cadence="weekly",
        state="planning",
        due_at=now,
        created_at=now,
        started_at=now,
        planned_to=0,
    )
    session.add(weekly)
    session.flush()
    session.add(CampaignNotice(campaign_id=weekly.id, notice_id=events.id))
    make_campaign(session, make_tip(session, notice, 25, now), [notice], now)
    correct(session, tip, now, urgent=True)
    ids = [*launch_due(session, now), weekly.id]
    session.commit()
    with unit_of_work() as other:
        while gather(other, now):
            continue
    start = Barrier(len(ids))

    def plan(campaign_id: int) -> None:
        start.wait(timeout=30)
        more = True
        while more:
            with unit_of_work() as own:
                more = plan_slice(own, campaign_id, 1, now)

    with ThreadPoolExecutor(len(ids)) as pool:
        for future in [pool.submit(plan, campaign_id) for campaign_id in ids]:
            future.result(120)
    told = (
        select(Delivery.subscriber_id, func.count())
        .join(EditionNote, EditionNote.edition_id == Delivery.edition_id)
        .group_by(Delivery.subscriber_id)
    )
    assert sorted(session.execute(told).all()) == [(reader, 1) for reader in sorted(readers)]
    assert untold(session) == 0


def test_a_retry_of_what_was_given_back_tells_nobody_twice(session: Session, tip: Tip, now: datetime) -> None:
    """The row is down as untold again, and its mail on its way after all: the deliveries are asked."""
    correct(session, tip, now, urgent=True)
    campaign = session.scalars(select(Campaign).where(Campaign.kind == CORRECTION)).one()
    plan_all(session, campaign, now)
    assert untold(session) == 0
    session.add(Untold(subscriber_id=1, correction_id=1))
    session.flush()
    assert untold_of(session, 1) == []
    session.execute(update(Delivery).where(Delivery.campaign_id == campaign.id).values(state="expired"))
    assert untold_of(session, 1) == [tip.id]


def count_looks(engine: Engine, act: Callable[[], object]) -> list[str]:
    """Return the statements of an act that look at who is untold."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.extend([statement] if "untold" in statement else [])

    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen


def test_with_nobody_to_tell_a_slice_looks_once(
    session: Session, engine: Engine, tip: Tip, now: datetime
) -> None:
    """And the pivot has no column for it."""
    notice = session.get_one(Notice, tip.notice_id)
    campaign = make_campaign(session, make_tip(session, notice, 25, now), [notice], now)
    launch_due(session, now)
    session.commit()
    looks = count_looks(engine, lambda: plan_slice(session, campaign.id, 100, now))
    assert len(looks) == 1
    assert not [look for look in looks if "INSERT" in look]


def test_what_is_retired_is_told_to_nobody(session: Session, tip: Tip, now: datetime) -> None:
    """Who received it is no longer known then; the page tells it."""
    correct(session, tip, now)
    assert gather(session, now)
    campaign = session.scalars(select(Campaign)).one()
    campaign.state, campaign.finished_at = "finished", now
    session.execute(update(Delivery).values(state="accepted"))
    assert untold_of(session, 1) == [tip.id]
    keep_counts(session, campaign.id)
    close_shards(session, campaign.id)
    later = now.replace(year=now.year + 3)
    assert retire(session, later) == [campaign.id]
    assert untold_of(session, 1) == []
    assert untold(session) == 0
