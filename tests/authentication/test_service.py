"""Checks in the database: one process asks, all know, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app.authentication import (
    AuthenticationCheck,
    CheckState,
    Word,
    begin_check,
    judge,
    keep_check,
    known_faults,
    last_word,
)
from tests.authentication.published import DKIM, IDENTITY, published, spf


def test_only_one_asks(session: Session, now: datetime) -> None:
    assert begin_check(session, IDENTITY, now)
    assert not begin_check(session, IDENTITY, now + timedelta(seconds=30))
    assert begin_check(session, IDENTITY, now + timedelta(minutes=3)), "who began was killed"
    keep_check(session, IDENTITY, judge(IDENTITY, published()), now + timedelta(minutes=4))
    assert not begin_check(session, IDENTITY, now + timedelta(hours=24))
    assert begin_check(session, IDENTITY, now + timedelta(hours=25))


def test_a_person_asks_anew(session: Session, now: datetime) -> None:
    keep_check(session, IDENTITY, judge(IDENTITY, published()), now)
    assert not begin_check(session, IDENTITY, now)
    assert begin_check(session, IDENTITY, now, anew=True)


def test_a_launch_hears_the_last_word(session: Session, now: datetime) -> None:
    assert last_word(session, IDENTITY) is Word.wait
    begin_check(session, IDENTITY, now)
    assert last_word(session, IDENTITY) is Word.wait
    found = judge(IDENTITY, published({DKIM: None}))
    assert keep_check(session, IDENTITY, found, now) is CheckState.fault
    assert last_word(session, IDENTITY) is Word.stay
    assert known_faults(session, IDENTITY) == [one for one in found if one.code == "dkim-missing"]
    begin_check(session, IDENTITY, now + timedelta(hours=2))
    assert last_word(session, IDENTITY) is Word.stay, "what is known holds while it is asked anew"
    keep_check(session, IDENTITY, judge(IDENTITY, published()), now + timedelta(hours=2))
    assert last_word(session, IDENTITY) is Word.go
    assert known_faults(session, IDENTITY) == []


def test_another_identity_is_another_check(session: Session, now: datetime) -> None:
    keep_check(session, IDENTITY, judge(IDENTITY, published()), now)
    assert last_word(session, replace(IDENTITY, bounce_domain="other.example")) is Word.wait


def test_without_an_identity_nothing_is_checked(session: Session) -> None:
    assert last_word(session, None) is Word.go
    assert known_faults(session, None) == []


def test_old_identities_are_forgotten(session: Session, now: datetime) -> None:
    keep_check(session, replace(IDENTITY, bounce_domain="old.example"), [], now - timedelta(days=31))
    keep_check(session, IDENTITY, [], now)
    assert session.scalar(select(func.count()).select_from(AuthenticationCheck)) == 1


def test_what_strangers_published_is_kept_in_short(session: Session, now: datetime) -> None:
    found = judge(IDENTITY, published(spf("v=spf1 \x00 " + "?a " * 20_000)))
    keep_check(session, IDENTITY, found, now)
    session.flush()
    [fault] = known_faults(session, IDENTITY)
    assert max(map(len, fault.facts.values())) == 500
