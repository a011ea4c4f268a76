"""Was this tip useful: one press, without script, cookie or name; a few presses of one place are counted."""

from __future__ import annotations

import pytest

from newsletter_app import tips
from newsletter_app.web.public import limits
from newsletter_app.web.public.limits import ANSWERS_PER_ADDRESS
from tests.web.conftest import World
from tests.web.dom import Page

FRENCH = "/fr/conseils/2-marchez-un-peu-2"


def counts(world: World) -> list[list[int]]:
    """Return the counts of every tip that somebody answered for."""
    with world.write() as session:
        return [list(one.counts.values()) for one in tips.answered(session)]


def press(world: World, answer: str, path: str = FRENCH) -> str:
    """Press one of the three buttons as the page offers it; return where it leads."""
    page = world.page(path)
    form = next(one for one in page.all("form") if one["class"] == "answers")
    assert answer in [one["value"] for one in page.all("button", name="answer") if form in one.ancestors]
    done = world.post(form["action"], {"answer": answer})
    assert done.status_code == 303
    assert "Set-Cookie" not in done.headers
    return str(done.headers["Location"])


def test_a_press_is_counted_and_thanked_for(world: World, tip_numbers: list[int]) -> None:
    for answer in ("yes", "a-little", "no", "yes"):
        place = press(world, answer)
    assert counts(world) == [[2, 1, 1]]
    assert place == f"{FRENCH}?thanks=1#useful"
    page = world.page(place)
    section = page.one("section", id="useful")
    (thanks,) = page.all("p", role="status", **{"class": "box saved"})
    assert section in thanks.ancestors
    assert thanks.text == "Merci. Votre réponse est comptée, sans votre nom."
    assert not page.all("button", name="answer")


def test_one_place_does_not_decide_the_count(world: World, tip_numbers: list[int]) -> None:
    for _press in range(ANSWERS_PER_ADDRESS):
        press(world, "no")
    answer = world.post("/useful/2", {"answer": "no"})
    assert answer.status_code == 429
    page = Page(answer.text)
    assert page.one("h1").text == "Please wait a few minutes"
    # No link may lead to what only a press can reach.
    assert page.one("a", hreflang="fr")["href"] == "/fr/"
    assert not page.all("link", rel="canonical")
    assert counts(world) == [[0, 0, ANSWERS_PER_ADDRESS]]  # S35
    press(world, "yes", "/tips/1-walk-a-little-1")


def test_a_residence_with_many_addresses_is_one_place(
    world: World, tip_numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a /64 answers from as many addresses as they like (RFC 8981), whoever has one from one."""
    monkeypatch.setattr(limits, "ANSWERS_PER_ADDRESS", 2)
    places = [*(f"2001:db8:1:1::{at}" for at in range(3)), *("192.0.2.1", "192.0.2.2", "192.0.2.3")]
    answers = [
        world.post("/useful/2", {"answer": "yes"}, environ_overrides={"REMOTE_ADDR": place})
        for place in places
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 429, 303, 303, 303]  # S35


def test_a_site_of_many_networks_does_not_use_up_what_all_share(
    world: World, tip_numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWERS_PER_SITE", 3)
    places = [f"2001:db8:1:{number}::4" for number in range(4)] + ["2001:db8:2::4"]
    answers = [
        world.post("/useful/2", {"answer": "yes"}, environ_overrides={"REMOTE_ADDR": place})
        for place in places
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 303]  # S35


@pytest.mark.parametrize(
    ("path", "answer", "code"),
    [
        ("/useful/2", "perhaps", 400),
        ("/useful/2", "", 400),
        ("/useful/99", "yes", 404),
        ("/useful/99999999999", "yes", 404),
        ("/fr/utile/1", "yes", 404),
    ],
)
def test_what_is_no_answer_counts_nothing(
    world: World, tip_numbers: list[int], path: str, answer: str, code: int
) -> None:
    with world.write() as session:
        first = tips.find_by_number(session, 1)
        assert first is not None
        tips.withdraw(session, first, "It is wrong.", world.clock())
    assert world.post(path, {"answer": answer}).status_code == code
    assert world.get(path).status_code == 405  # S7
    assert counts(world) == []
