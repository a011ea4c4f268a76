"""Notices: added whole, found in order, and no place in a stream is taken twice."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import notices
from newsletter_app.kernel.errors import Breach
from tests.factories.content import WORDS, make_notice

PUBLISHERS, EACH = 4, 12


def test_a_notice_has_both_languages(session: Session, now: datetime) -> None:  # L20
    """A notice in one language only could not be offered to everybody."""
    with pytest.raises(Breach, match="notice-side-missing"):
        notices.add(session, key="tips", words={"en": WORDS["tips"]["en"]}, now=now)
    assert notices.offered(session) == []


def test_a_key_is_taken_once(session: Session, now: datetime) -> None:
    """The second of the same key changes nothing."""
    first = make_notice(session, now)
    with pytest.raises(Breach, match="notice-key-taken"):
        make_notice(session, now)
    assert notices.offered(session) == [first]


def test_order_and_retirement(session: Session, now: datetime) -> None:
    """Offered notices keep their order; a retired one is found, but not offered."""
    tips, events = make_notice(session, now), make_notice(session, now, "events")
    tips.offered = False
    session.flush()
    assert notices.offered(session) == [events]
    assert notices.by_ids(session, [events.id, tips.id]) == [tips, events]
    assert tips.side("fr").name == "Conseils santé"


def test_no_place_is_taken_twice(sessions: sessionmaker[Session], now: datetime) -> None:
    """Publishers at the same time get different places, without a gap."""
    with sessions.begin() as session:
        notice_id = make_notice(session, now).id
    taken: list[int] = []

    def publish() -> None:
        for _ in range(EACH):
            with sessions.begin() as session:
                taken.append(notices.next_seq(session, notice_id))

    threads = [threading.Thread(target=publish) for _ in range(PUBLISHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(taken) == list(range(1, PUBLISHERS * EACH + 1))


def test_views_are_whole_without_their_session(sessions: sessionmaker[Session], now: datetime) -> None:
    """Pages share them between threads; a retired notice is among them, since links name it."""
    with sessions.begin() as session:
        make_notice(session, now).offered = False
        make_notice(session, now, "events")
    with sessions() as session:
        tips, events = notices.views(session)
    assert (tips.offered, events.offered) == (False, True)
    assert tips.side("fr") == WORDS["tips"]["fr"]
