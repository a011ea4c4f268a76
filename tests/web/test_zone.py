"""The zone that a browser told: proposed on the reader's page, theirs only once they save it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Signup
from tests.factories import people
from tests.web.conftest import World

HALIFAX = "America/Halifax"
ASKED = "When you signed up, your browser told us: Halifax."


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (HALIFAX, HALIFAX),
        ("", ""),
        ("Mars/Olympus", ""),
        ("../etc/passwd", ""),
        ("A" * 70, ""),
        ("America", ""),
    ],
)
def test_only_a_zone_that_exists_is_kept(world: World, told: str, kept: str) -> None:
    form = world.page("/subscribe")
    assert form.values("zone") == [""], "without script nothing is told"
    world.clock.forward(seconds=3)
    data = {"address": people.ROSE, "notice": "1", "token": form.values("token")[0], "zone": told}
    assert world.post("/subscribe", data).status_code == 303
    with world.write() as session:
        assert [signup.time_zone for signup in session.scalars(select(Signup))] == [kept]


def test_it_goes_along_when_the_form_is_shown_again(world: World) -> None:
    token = world.page("/subscribe").values("token")[0]
    world.clock.forward(seconds=3)
    data = {"address": "rose", "notice": "1", "token": token, "zone": HALIFAX}
    again = world.post("/subscribe", data)
    assert f'name="zone" value="{HALIFAX}"' in again.text
    assert "script-src 'self';" in again.headers["Content-Security-Policy"]
    slip = world.post("/subscribe", data | {"address": "rose@gmial.com"})
    assert f'name="zone" value="{HALIFAX}"' in slip.text
    assert "script-src 'none';" in world.get("/change").headers["Content-Security-Policy"]


def _a_reader_whose_browser_told(world: World, zone: str, *, is_confirmed: bool = True) -> str:
    """Return the choices page of somebody who signed up with this zone in the form."""
    now = world.clock()
    with world.write() as session:
        signup = people.sign_up(session, [1], now)
        people.confirm(session, signup, now)
        told = people.sign_up(session, [2], now + timedelta(days=2))
        told.time_zone = zone
        if is_confirmed:
            people.confirm(session, told, now + timedelta(days=2))
        reader = people.a_subscriber(session)
        wanted = people.subscriptions.ask_for_link(session, people.a_form(()), now)
        people.decide(session, wanted, now)
        assert reader.time_zone is None
    return f"/choices/{world.token(Purpose.MANAGE, (wanted.id,), wanted.nonce)}"


def test_it_is_proposed_and_said_and_nothing_more(world: World) -> None:
    page = _a_reader_whose_browser_told(world, HALIFAX)
    seen = world.page(page)
    first, *others = [one for one in seen.all("option") if any(up["id"] == "zone" for up in one.ancestors)]
    assert (first["value"], "selected" in first) == (HALIFAX, True)
    assert not [one for one in others if "selected" in one or one["value"] == HALIFAX]
    assert ASKED in seen.one("main").text
    with world.write() as session:
        assert people.a_subscriber(session).time_zone is None, "looking changes nothing"
    world.post(page, {"section": "when", "zone": HALIFAX})
    with world.write() as session:
        assert people.a_subscriber(session).time_zone == HALIFAX
        assert not [row for row in session.scalars(select(Signup)) if row.time_zone], "it is needed no more"


def test_who_keeps_ours_is_not_asked_again(world: World) -> None:
    page = _a_reader_whose_browser_told(world, HALIFAX)
    world.post(page, {"section": "when", "zone": ""})
    assert ASKED not in world.get(page).text
    with world.write() as session:
        assert session.scalars(select(Subscriber.time_zone)).one() is None


@pytest.mark.parametrize(("zone", "is_confirmed"), [("America/Edmonton", True), ("", True), (HALIFAX, False)])
def test_ours_and_what_nobody_confirmed_are_not_proposed(world: World, zone: str, is_confirmed: bool) -> None:
    """Anybody can type somebody else's address into the form."""
    page = world.get(_a_reader_whose_browser_told(world, zone, is_confirmed=is_confirmed)).text
    assert "your browser told us" not in page
