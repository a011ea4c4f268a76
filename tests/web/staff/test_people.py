"""Owners look after the staff, each person after their own account, and the log tells all of it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from newsletter_app import audit, identity
from newsletter_app.identity import Staff
from newsletter_app.tips import find_by_number
from tests.factories.staff import give_second_factor, make_staff
from tests.web.conftest import World
from tests.web.staff.conftest import Desks


def staff_id(world: World, address: str) -> int:
    """Return a person's id."""
    with world.write() as session:
        return session.scalars(select(Staff.id).where(Staff.address == address)).one()


def test_an_owner_invites(world: World, desk: Desks) -> None:
    owner = desk("owner")
    form = {"address": "new@example.org", "role": "editor", "language": "fr"}
    assert owner.post("/console/staff", form | {"address": "new"}).status_code == 422
    assert owner.post("/console/staff", form | {"role": "king"}).status_code == 400
    assert owner.post("/console/staff", form).location == "/console/staff?said=invited"
    page = owner.get("/console/staff?said=invited").text
    assert "new@example.org" in page
    assert "The invitation is on its way." in page
    assert (
        "This person is here already"
        in owner.post("/console/staff", form | {"address": "owner@example.org"}).text
    )
    with world.write() as session:
        entry = audit.newest(session)[0]
        assert (entry.actor, entry.action, entry.origin) == (
            "owner@example.org",
            "staff.invited",
            "127.0.0.1",
        )


def test_a_role_and_a_state_hold_at_once(world: World, desk: Desks) -> None:  # S20
    owner, ann = desk("owner"), desk("editor")
    path = f"/console/staff/{ann.actor.id}"
    owner.post(path, {"act": "role", "role": "viewer"})
    assert ann.get("/console").status_code == 303
    ann = desk("editor")
    assert ann.actor.role == "viewer"
    owner.post(path, {"act": "disable"})
    assert ann.get("/console").status_code == 303
    assert "Let them in again" in owner.get(path).text
    owner.post(path, {"act": "enable"})
    assert desk("editor").get("/console").status_code == 200
    assert owner.post(path, {"act": "promote"}).status_code == 400


def test_nobody_changes_themselves(desk: Desks) -> None:  # S23
    owner = desk("owner")
    path = f"/console/staff/{owner.actor.id}"
    assert owner.post(path, {"act": "role", "role": "viewer"}).status_code == 403
    assert "This is you." in owner.get(path).text


def test_a_lost_phone_is_taken_off(world: World, desk: Desks) -> None:
    owner, bob = desk("owner"), desk("publisher")
    with world.write() as session:
        give_second_factor(session, session.get_one(Staff, bob.actor.id), world.clock())
    owner.post(f"/console/staff/{bob.actor.id}", {"act": "take-second-factor"})
    with world.write() as session:
        assert identity.next_stage(session.get_one(Staff, bob.actor.id)) == "enrol"
    assert bob.get("/console").status_code == 303


def test_the_link_of_an_invitation_is_renewed(world: World, desk: Desks) -> None:
    owner = desk("owner")
    owner.post("/console/staff", {"address": "new@example.org", "role": "editor", "language": "fr"})
    path = f"/console/staff/{staff_id(world, 'new@example.org')}"
    assert owner.post(path, {"act": "invite"}).location.endswith("said=invited")
    again = owner.post(f"/console/staff/{desk('viewer').actor.id}", {"act": "invite"})
    assert again.location.endswith("said=nothing-changed")


def test_there_is_no_such_person(desk: Desks) -> None:
    for number in (999, 2**40):
        assert desk("owner").get(f"/console/staff/{number}").status_code == 404


def test_each_sees_and_ends_their_own_sessions(desk: Desks) -> None:  # S20
    here, there, other = desk("editor"), desk("editor"), desk("viewer")
    assert here.get("/console/account").text.count("Firefox") == 2
    ids = [1, 2, 3]
    for number in ids:
        other.post(f"/console/account/sessions/{number}/end")
    assert here.get("/console").status_code == 200
    assert there.get("/console").status_code == 200
    assert other.get("/console").status_code == 303
    here.post("/console/account/sessions/end")
    assert here.get("/console").status_code == 200
    assert there.get("/console").status_code == 303


def test_new_recovery_codes_replace_the_old_ones(world: World, desk: Desks) -> None:
    before = desk("editor")
    with world.write() as session:
        _seed, codes = give_second_factor(session, session.get_one(Staff, before.actor.id), world.clock())
    # What was begun before there was a second factor has ended.
    assert before.get("/console/account").location == "/console/sign-in?next=/console/account"
    ann = desk("editor")
    page = ann.post("/console/recovery-codes").text
    assert page.count("<li><code>") == 10
    assert codes[0] not in page
    assert "10 recovery codes are left" in ann.get("/console/account").text


def test_the_log_speaks_to_a_volunteer(world: World, desk: Desks) -> None:  # S29
    """What was done in the browser is not told as done elsewhere; acts, times and tips have names."""
    owner = desk("owner")
    assert owner.post("/console/tips/new", {"notice": "tips", "number": "77"}).status_code == 303
    at = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
    with world.write() as session:
        tip = find_by_number(session, 77)
        assert tip is not None
        about, details = f"tip:{tip.id}", {"due_at": at.isoformat(), "names": ["phone", "email"]}
        audit.note(session, actor="ann@example.org", action="tip.scheduled", subject=about, details=details,
                   now=world.clock())  # fmt: skip
        audit.note(session, actor="machine", action="domain.held", subject="event:3", now=world.clock())
    machine, ann, begun, *_others = owner.get("/console/log").text.split("<tr>")[2:]
    assert "command line" not in machine
    assert "command line" in ann
    assert "Goes out: March 3, 2026, 9" in ann
    assert "What changed: phone, email" in ann
    assert "Tip begun" in begun
    assert f'<a href="/console/tips/{tip.id}">Tip 77</a>' in begun
    assert "127.0.0.1" in begun


def test_the_log_tells_who_did_what_and_from_where(world: World, desk: Desks) -> None:  # S29
    owner = desk("owner")
    with world.write() as session:
        for number in range(120):
            audit.note(
                session, actor="machine", action="tip.scheduled", subject=f"tip:{number}", now=world.clock()
            )
        make_staff(session, "viewer", world.clock())
    page = owner.get("/console/log").text
    assert "Person invited" in page
    assert "tip:119" in page
    assert "tip:5<" not in page
    earlier = next(part for part in page.split('"') if part.startswith("/console/log?before="))
    page = owner.get(earlier).text
    assert "tip:5<" in page
    assert "tip:119" not in page
    assert "There is nothing before this" in owner.get("/console/log?before=1").text
    for far in ("99999999999999999999", "-99999999999999999999"):  # S27
        assert owner.get(f"/console/log?before={far}").status_code == 200
