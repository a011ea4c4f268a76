"""Replaying departures: a restored backup undoes no stop, no complaint and no erasure."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import privacy, subscriptions, suppression
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.departures import Act
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Signup
from tests.factories import people

KEY = address_key(people.HASH_KEY, parse_address(people.ROSE))
HOUR = timedelta(hours=1)


@pytest.fixture
def restored(unit_of_work: UnitOfWork, now: datetime) -> datetime:
    """Give a database as its backup knew it: a reader of two notices, and when they had confirmed them."""
    with unit_of_work() as session:
        ids = [notice.id for notice in people.three_notices(session, now)]
        people.an_active_reader(session, ids[:2], now)
    return now


def replay(unit_of_work: UnitOfWork, *acts: Act) -> privacy.Replayed:
    now = max(act.at for act in acts) + HOUR
    return privacy.replay(unit_of_work, acts, hash_key=people.HASH_KEY, now=now)


def states(session: Session) -> dict[int, str]:
    return people.states(session, people.a_subscriber(session))


def test_a_later_stop_holds_again(unit_of_work: UnitOfWork, restored: datetime) -> None:
    acts = [Act(restored, KEY, "confirmed", "1,2"), Act(restored + HOUR, KEY, "withdrawn", "2")]
    assert replay(unit_of_work, *acts) == privacy.Replayed(known=1, ended=1, suppressed=0, erased=0)
    with unit_of_work() as session:
        assert states(session) == {1: "active", 2: "ended"}  # S33
        last = subscriptions.consents_of(session, people.a_subscriber(session).id)[-1]
        assert (last.act, last.source, last.notice_id) == ("withdrawn", "restored", 2)
        assert people.kinds(session) == ["confirm", "welcome"], "nobody is written to about it"
    assert replay(unit_of_work, *acts).ended == 0, "repeatable"


@pytest.mark.parametrize(
    "acts",
    [
        [(-2, "withdrawn"), (0, "confirmed")],
        [(-2, "withdrawn")],
        [(1, "withdrawn"), (2, "restarted")],
    ],
    ids=["stopped before", "confirmed since the stop", "started again"],
)
def test_an_older_stop_ends_nothing(
    unit_of_work: UnitOfWork, restored: datetime, acts: list[tuple[int, str]]
) -> None:
    found = replay(unit_of_work, *(Act(restored + HOUR * hours, KEY, act, "1,2") for hours, act in acts))
    assert found.ended == 0
    with unit_of_work() as session:
        assert states(session) == {1: "active", 2: "active"}


def test_a_complaint_and_an_erasure_hold_again(unit_of_work: UnitOfWork, restored: datetime) -> None:
    stranger = "Stranger@example.ca"
    with unit_of_work() as session:
        subscriptions.receive(session, people.a_form([1], address=stranger), restored)
    other = address_key(people.HASH_KEY, parse_address(stranger))
    acts = [
        Act(restored + HOUR, KEY, "suppressed", "bulk,complaint"),
        Act(restored + HOUR, KEY, "erased"),
        Act(restored + HOUR, other, "erased"),
    ]
    assert replay(unit_of_work, *acts) == privacy.Replayed(known=2, ended=0, suppressed=1, erased=2)
    with unit_of_work() as session:
        assert not session.scalars(select(Subscriber)).all()  # S33
        assert not session.scalars(select(Signup)).all()
        held = suppression.is_suppressed(session, KEY, "bulk")
        assert held is not None
        assert held.reason == "complaint"
    assert replay(unit_of_work, *acts) == privacy.Replayed(known=2, ended=0, suppressed=0, erased=0)


def test_who_came_again_after_their_erasure_stays(unit_of_work: UnitOfWork, restored: datetime) -> None:
    assert replay(unit_of_work, Act(restored - HOUR, KEY, "erased")).erased == 0
    with unit_of_work() as session:
        assert states(session) == {1: "active", 2: "active"}


def test_confirming_since_lifts_what_it_answers(unit_of_work: UnitOfWork, restored: datetime) -> None:
    """A bounce is answered by confirming, a complaint is not (M42)."""
    for reason, suppressed in (("bounce", 0), ("complaint", 1)):
        acts = [Act(restored + HOUR, KEY, "suppressed", f"bulk,{reason}")]
        acts.append(Act(restored + 2 * HOUR, KEY, "restarted", "1"))
        assert replay(unit_of_work, *acts).suppressed == suppressed


@given(st.permutations(range(4)))
def test_the_order_of_the_files_does_not_count(order: list[int]) -> None:
    at = datetime.fromisoformat("2026-03-02T16:00:00+00:00")
    acts = [
        Act(at, KEY, "withdrawn", "1,2"),
        Act(at + HOUR, KEY, "restarted", "2"),
        Act(at + 2 * HOUR, KEY, "suppressed", "all,legal"),
        Act(at + 3 * HOUR, KEY, "suppressed", "some,thing"),
    ]
    (last,) = privacy.last_words(acts[place] for place in order).values()
    assert (last.withdrawn, last.suppressed, last.erased_at) == ({1: at}, {"all": "legal"}, None)
