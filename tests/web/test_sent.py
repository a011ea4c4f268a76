"""The page after the form: the same for every address, with one re-send ten minutes later (S2)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from newsletter_app import ledger, subscriptions
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscriptions import Signup
from tests.factories import people
from tests.web.conftest import World


@pytest.fixture
def signup(world: World) -> Signup:
    """Give a signup just posted."""
    with world.write() as session:
        return subscriptions.receive(session, people.a_form([1]), world.clock())


def path_of(world: World, signup: Signup, french: bool = False) -> str:
    """Return the page's address."""
    token = world.token(Purpose.SENT, (signup.id,), signup.nonce)
    return f"/fr/abonnement/envoi/{token}" if french else f"/subscribe/sent/{token}"


def again(world: World) -> int:
    """Return how many times the mail was asked for again."""
    with world.write() as session:
        return len(session.scalars(select(Signup).where(Signup.kind == "again")).all())


@pytest.mark.parametrize(
    ("french", "heading", "subject"),
    [
        (False, "Now open your email", "Confirm your emails from Example Society"),
        (True, "Ouvrez maintenant vos courriels", "Confirmez votre abonnement à Société Exemple"),
    ],
)
def test_page_tells_what_to_look_for(world: World, french: bool, heading: str, subject: str) -> None:
    with world.write() as session:
        form = people.a_form([1], language="fr" if french else "en")
        signup = subscriptions.receive(session, form, world.clock())
    page = world.page(path_of(world, signup, french))
    assert page.one("h1").text == heading
    assert page.all("p", **{"class": "address"})[0].text == "rose@example.ca"
    assert subject in page.one("ol").text
    assert len(page.all("ol")) == 1


def test_page_read_in_the_other_language_names_the_mail_as_it_comes(world: World, signup: Signup) -> None:
    page = world.page(path_of(world, signup, french=True))
    assert page.one("h1").text == "Ouvrez maintenant vos courriels"
    steps = page.one("ol")
    assert "Confirm your emails from Example Society" in steps.text
    foreign = [one for one in page.all("span", lang="en") if steps in one.ancestors]
    assert [one.text for one in foreign] == [  # A5: the language of each part
        "Example Society",
        "Confirm your emails from Example Society",
    ]


def test_mail_is_sent_again_once_and_not_before_ten_minutes(world: World, signup: Signup) -> None:
    path = path_of(world, signup)
    early = world.post(path)  # S2
    assert "You can ask for it again at 9:10\u00a0a.m.</p>" in early.text
    assert again(world) == 0
    world.clock.forward(minutes=11)
    assert "We are sending it again." in world.post(path).text
    assert "We do this once." in world.post(path).text
    assert again(world) == 1


def test_mistake_in_the_address_leads_to_the_form_filled_in(world: World, signup: Signup) -> None:
    page = world.page(path_of(world, signup))
    button = next(one for one in page.all("button") if one.text == "I made a mistake in my address")
    form = button.ancestors[-2]
    fields = {one["name"]: one["value"] for one in page.all("input") if form in one.ancestors}
    assert form["action"] == "/subscribe"
    answer = world.post(form["action"], fields | {button["name"]: button["value"]})
    assert 'value="rose@example.ca"' in answer.text
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("beat_minutes_ago", "words"), [(1, "a few minutes"), (9, "an hour"), (None, "an hour")]
)
def test_slow_worker_is_admitted(
    world: World, signup: Signup, beat_minutes_ago: int | None, words: str
) -> None:
    with world.write() as session:
        if beat_minutes_ago is not None:
            ledger.beat(session, "service_tick", world.clock())
    world.clock.forward(minutes=beat_minutes_ago or 0)
    assert f"It comes within {words}." in world.get(path_of(world, signup)).text
