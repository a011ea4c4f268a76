"""Asking for one's link: the same answer for a reader, a stranger, and somebody who left (S9)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from newsletter_app.subscriptions import Signup
from tests.web.conftest import Readers, World
from tests.web.dom import Page


def ask(world: World, address: str, path: str = "/change") -> tuple[int, str]:
    """Fill the form in and return what comes back."""
    token = world.page(path).values("token")[0]
    world.clock.forward(seconds=5)
    answer = world.post(path, {"token": token, "address": address})
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize("address", ["rose@example.ca", "nobody@example.net", "gus@example.ca"])
@pytest.mark.parametrize(
    ("path", "sent"), [("/change", "/subscribe/sent/"), ("/fr/changer", "/fr/abonnement/")]
)
def test_every_address_gets_the_same_answer(
    world: World, readers: Readers, address: str, path: str, sent: str
) -> None:
    code, location = ask(world, address, path)
    assert (code, location.startswith(sent)) == (303, True)
    with world.write() as session:
        newest = session.scalars(select(Signup).order_by(Signup.id.desc())).first()
        assert newest is not None
        assert (newest.kind, newest.address, newest.outcome) == ("link", address, None)
    page = world.page(location).one("main").text
    assert "You may have used another address." in page or "donné une autre adresse" in page


@pytest.mark.parametrize("address", ["", "rose", "rose@"])
def test_slip_is_told_and_kept(world: World, address: str) -> None:
    token = world.page("/change").values("token")[0]
    answer = world.post("/change", {"token": token, "address": address})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.values("address") == [address]
    assert page.one("input", id="address")["aria-invalid"] == "true"


def test_doubtful_form_is_shown_again(world: World) -> None:
    answer = world.post("/change", {"address": "rose@example.ca"})
    assert answer.status_code == 200
    assert "Please press the button once more." in answer.text
    assert Page(answer.text).values("address") == ["rose@example.ca"]
