"""Proving who one is, on both databases: passwords, codes good once, sessions that the server ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import audit, identity
from newsletter_app.identity import sessions
from newsletter_app.kernel.errors import Breach
from tests.factories.people import HASH_KEY
from tests.factories.staff import PASSWORD, give_second_factor, make_staff

OWNER = "owner@example.org"


def check(session: Session, now: datetime, password: str, address: str = OWNER) -> identity.Staff | None:
    """Try a password."""
    return identity.check_password(session, address, password, hash_key=HASH_KEY, now=now, origin="192.0.2.1")


def test_a_password_is_its_persons(session: Session, now: datetime) -> None:
    staff = make_staff(session, "owner", now, password=PASSWORD)
    make_staff(session, "editor", now)
    assert check(session, now, PASSWORD) == staff
    assert check(session, now, PASSWORD, "OWNER@Example.org") == staff
    assert check(session, now, PASSWORD + "x") is None
    assert check(session, now, PASSWORD, "editor@example.org") is None
    assert check(session, now, "", "editor@example.org") is None
    identity.set_role(
        session, make_staff(session, "owner", now, address="second@example.org"), "owner", by="x", now=now
    )
    identity.disable(session, staff, by="x", now=now)
    assert check(session, now, PASSWORD) is None


def test_a_refusal_leaves_the_same_mark_for_everybody(session: Session, now: datetime) -> None:  # S22, S29
    make_staff(session, "owner", now, password=PASSWORD)
    for address in (OWNER, "stranger@example.org", "no address"):
        before = len(audit.newest(session))
        check(session, now, "not the password", address)
        (entry,) = audit.newest(session, len(audit.newest(session)) - before)
        assert (entry.action, entry.details, entry.origin) == (
            "staff.refused",
            {"what": "password"},
            "192.0.2.1",
        )
        assert "not the password" not in str(vars(entry))


def test_a_code_is_good_once(session: Session, now: datetime) -> None:  # S22
    staff = make_staff(session, "owner", now)
    seed, _codes = give_second_factor(session, staff, now)
    later = now + timedelta(minutes=1)
    code = identity.second_factor.code_at(seed, later)
    # The code that proved the app itself is used up as well.
    first = identity.second_factor.code_at(seed, now)
    assert identity.check_code(session, staff, first, hash_key=HASH_KEY, now=now) is None
    assert identity.check_code(session, staff, code, hash_key=HASH_KEY, now=later) == "code"
    assert identity.check_code(session, staff, code, hash_key=HASH_KEY, now=later) is None


def test_a_recovery_code_is_good_once(session: Session, now: datetime) -> None:  # S22
    staff, other = make_staff(session, "owner", now), make_staff(session, "publisher", now)
    _seed, codes = give_second_factor(session, staff, now)
    give_second_factor(session, other, now)
    assert identity.check_code(session, other, codes[0], hash_key=HASH_KEY, now=now) is None
    assert identity.check_code(session, staff, codes[0], hash_key=HASH_KEY, now=now) == "recovery"
    assert identity.check_code(session, staff, codes[0], hash_key=HASH_KEY, now=now) is None
    assert identity.codes_left(session, staff.id) == 9
    identity.new_recovery_codes(session, staff, hash_key=HASH_KEY)
    assert identity.check_code(session, staff, codes[1], hash_key=HASH_KEY, now=now) is None


def test_a_new_app_counts_after_its_first_code(session: Session, now: datetime) -> None:
    staff = make_staff(session, "owner", now)
    seed, _codes = give_second_factor(session, staff, now)
    identity.begin_second_factor(session, staff, hash_key=HASH_KEY)
    assert identity.confirm_second_factor(session, staff, "000000", hash_key=HASH_KEY, now=now) is None
    later = now + timedelta(minutes=1)
    code = identity.second_factor.code_at(seed, later)
    assert identity.check_code(session, staff, code, hash_key=HASH_KEY, now=later) == "code"


@pytest.mark.parametrize(
    ("role", "has_app", "stage"),
    [
        ("owner", False, "enrol"),
        ("publisher", False, "enrol"),
        ("editor", False, "full"),
        ("editor", True, "password"),
    ],
)
def test_how_far_a_password_leads(
    session: Session, now: datetime, role: identity.Role, has_app: bool, stage: identity.Stage
) -> None:  # S22
    staff = make_staff(session, role, now)
    if has_app:
        give_second_factor(session, staff, now)
    assert identity.next_stage(staff) == stage


def test_what_ends_every_session(session: Session, now: datetime) -> None:  # S20
    staff = make_staff(session, "editor", now)

    def begin() -> str:
        return sessions.begin(session, staff, "full", agent="Firefox", now=now)

    def alive(key: str) -> bool:
        return sessions.find(session, key, now) is not None

    kept, key = begin(), begin()
    mine = sessions.find(session, kept, now)
    assert mine is not None
    assert identity.set_password(session, staff, PASSWORD, now=now, but=mine.session_id) is None
    assert (alive(kept), alive(key)) == (True, False)
    identity.set_role(session, staff, "publisher", by="x", now=now)
    assert not alive(kept)
    key = begin()
    identity.disable(session, staff, by="x", now=now)
    assert not alive(key)


def test_a_session_ends_by_itself_and_by_hand(session: Session, now: datetime) -> None:  # S20
    staff, other = make_staff(session, "editor", now), make_staff(session, "viewer", now)
    key = sessions.begin(session, staff, "full", agent="Firefox", now=now)
    half = sessions.begin(session, staff, "password", agent="Firefox", now=now)
    assert sessions.find(session, half, now + timedelta(minutes=11)) is None
    assert sessions.find(session, key, now + timedelta(hours=11, minutes=59)) is not None
    assert sessions.find(session, key, now + timedelta(hours=12)) is None
    (row,) = sessions.of_staff(session, staff.id, now)
    assert key not in str(vars(row))
    sessions.end(session, other.id, row.id)
    assert sessions.find(session, key, now) is not None
    sessions.end(session, staff.id, row.id)
    assert sessions.find(session, key, now) is None


def test_an_owner_remains(session: Session, now: datetime) -> None:
    owner = make_staff(session, "owner", now)
    for act in (
        lambda: identity.disable(session, owner, by="x", now=now),
        lambda: identity.set_role(session, owner, "editor", by="x", now=now),
    ):
        with pytest.raises(Breach, match="last-owner"):
            act()
    make_staff(session, "owner", now, address="second@example.org")
    identity.disable(session, owner, by="x", now=now)


def test_a_disabled_person_takes_no_password(session: Session, now: datetime) -> None:
    staff = make_staff(session, "editor", now)
    identity.disable(session, staff, by="x", now=now)
    with pytest.raises(Breach, match="staff-disabled"):
        identity.set_password(session, staff, PASSWORD, now=now)
