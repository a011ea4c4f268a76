"""Starting again by a link: Undo for a day, the goodbye mail's link for 30 days, only what it names."""

from __future__ import annotations

import pytest

from newsletter_app.kernel.links import Purpose
from tests.factories import people
from tests.web.conftest import Readers, World


def state(world: World, readers: Readers) -> list[str]:
    """Return the stopped reader's states."""
    with world.write() as session:
        return list(people.states(session, readers.stopped).values())


@pytest.mark.parametrize("purpose", [Purpose.UNDO, Purpose.RESTART])
def test_one_press_starts_again_and_a_second_gives_the_same_page(
    world: World, readers: Readers, links: dict[Purpose, str], purpose: Purpose
) -> None:
    path = f"/restart/{links[purpose]}"
    assert world.page(path).one("h1").text == "Start again?"
    assert state(world, readers) == ["ended"]
    first, second = world.post(path), world.post(path)
    assert "You get these emails again" in first.text
    assert first.text == second.text
    assert state(world, readers) == ["active"]


@pytest.mark.parametrize(("purpose", "days"), [(Purpose.UNDO, 1), (Purpose.RESTART, 30)])
def test_link_that_is_too_old_offers_to_subscribe(
    world: World, readers: Readers, links: dict[Purpose, str], purpose: Purpose, days: int
) -> None:
    world.clock.forward(days=days, minutes=2)
    path = f"/restart/{links[purpose]}?lang=fr"
    assert "Ce lien est trop vieux" in world.post(path).text
    assert world.page(path).all("a", href="/fr/abonnement")
    assert state(world, readers) == ["ended"]
