"""Links that lead to a new password, and no further: invitations and what replaces a forgotten one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from newsletter_app import identity
from newsletter_app.identity import Role, Staff
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec, ServiceMail
from tests.factories.staff import PASSWORD, give_second_factor, make_staff
from tests.web.conftest import PUBLIC_URL, World
from tests.web.staff.conftest import Desks
from tests.web.staff.test_sign_in import Browser


def invite(world: World, role: Role = "editor") -> str:
    """Invite a person and return the path that the mail leads to."""
    with world.write() as session:
        identity.invite(
            session,
            "new@example.org",
            role,
            "fr",
            by="x",
            hash_key=world.ports.settings.hash_key,
            now=world.clock(),
        )
    return mailed(world)


def mailed(world: World) -> str:
    """Return the path that the newest mail's link leads to."""
    with world.write() as session:
        facts = session.scalars(select(ServiceMail.facts).order_by(ServiceMail.id.desc())).first()
    assert facts is not None
    return LinkSpec.from_facts(facts["link"]).url(world.ports.links).removeprefix(PUBLIC_URL)


def one(world: World, address: str) -> Staff:
    """Return a person's row."""
    with world.write() as session:
        found = identity.by_address(session, address, hash_key=world.ports.settings.hash_key)
        assert found is not None
        return found


def test_who_is_invited_chooses_a_password_and_is_in(world: World) -> None:
    path, browser = invite(world), Browser(world.client)
    page = browser.get(path)
    assert 'lang="fr"' in page.text
    assert "<script" not in page.text
    assert "script-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"  # S10
    assert one(world, "new@example.org").state == "invited"
    assert browser.post(path, password="trop court").status_code == 422
    assert browser.post(path, password="Example Society!").status_code == 422  # S21
    assert browser.post(path, password=PASSWORD).location == "/console"
    assert browser.get("/console").status_code == 200
    assert one(world, "new@example.org").state == "active"
    assert Browser(world.client).get(path).status_code == 404  # S8


def test_an_invited_publisher_sets_up_codes_first(world: World) -> None:  # S22
    path, browser = invite(world, "publisher"), Browser(world.client)
    assert browser.post(path, password="hen 4 row").location.startswith("/console/second-factor")
    assert browser.get("/console").status_code == 303


@pytest.mark.parametrize(("role", "days", "expected"), [("editor", 6.9, 200), ("editor", 7, 410)])
def test_an_invitation_holds_for_a_week(world: World, role: Role, days: float, expected: int) -> None:
    path = invite(world, role)
    world.clock.forward(days=days)
    assert world.get(path).status_code == expected
    assert world.post(path, {"password": PASSWORD}).status_code == (303 if expected == 200 else expected)


def test_a_reset_does_not_go_round_the_second_factor(world: World) -> None:  # S22
    with world.write() as session:
        staff = make_staff(session, "owner", world.clock(), password=PASSWORD)
        give_second_factor(session, staff, world.clock())
    browser = Browser(world.client)
    assert browser.post("/console/forgotten", address="owner@example.org").status_code == 200
    path = mailed(world)
    assert browser.post(path, password="another long password").location.startswith("/console/code")
    assert browser.get("/console").location.startswith("/console/code")
    assert one(world, "owner@example.org").has_second_factor


def test_a_reset_ends_every_session(world: World, desk: Desks) -> None:  # S20
    ann = desk("editor")
    world.post("/console/forgotten", {"address": "editor@example.org"})
    assert ann.get("/console").status_code == 200
    world.post(mailed(world), {"password": PASSWORD})
    assert ann.get("/console").status_code == 303


def test_asking_says_the_same_to_everybody(world: World) -> None:  # S22
    with world.write() as session:
        make_staff(session, "editor", world.clock(), password=PASSWORD)
    pages = [
        world.post("/console/forgotten", {"address": address}).text
        for address in ("editor@example.org", "nobodyx@example.org")
    ]
    assert pages[0] == pages[1].replace("nobodyx@", "editor@")
    with world.write() as session:
        assert [mail.kind for mail in session.scalars(select(ServiceMail))] == ["invite", "reset"]


def test_asking_too_often_revokes_nothing(world: World) -> None:
    with world.write() as session:
        make_staff(session, "editor", world.clock(), password=PASSWORD)
    for _ in range(3):
        world.post("/console/forgotten", {"address": "editor@example.org"})
    path = mailed(world)
    world.post("/console/forgotten", {"address": "editor@example.org"})
    assert mailed(world) == path
    assert world.get(path).status_code == 200


def test_a_link_for_something_else_is_refused(world: World) -> None:  # S9
    """Even one that was made of this very row: only its purpose is another."""
    invite(world)
    staff = one(world, "new@example.org")
    for purpose in set(Purpose) - {Purpose.PASSWORD}:
        token = world.token(purpose, (staff.id,), staff.nonce)
        assert world.get(f"/console/password/{token}").status_code == 404


def test_a_new_password_signs_every_other_browser_out(desk: Desks) -> None:  # S20
    here, there = desk("editor"), desk("editor")
    assert there.get("/console").status_code == 200
    assert here.post("/console/account/password", {"password": "short"}).status_code == 422
    assert here.post("/console/account/password", {"password": PASSWORD}).status_code == 303
    assert here.get("/console").status_code == 200
    assert there.get("/console").status_code == 303
