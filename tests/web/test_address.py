"""A change of address by its two links: confirmed at the new one, refused or undone from the old one."""

from __future__ import annotations

import pytest

from newsletter_app import subscribers
from newsletter_app.kernel.links import Purpose
from tests.web.conftest import Readers, World


def address(world: World, readers: Readers) -> str:
    """Return where the reader is written to."""
    with world.write() as session:
        found = subscribers.find(session, readers.active.id)
        assert found is not None
        return found.address


@pytest.mark.parametrize(
    ("lang", "asks", "says"),
    [
        ("en", "Use this address?", "We write to this address now"),
        ("fr", "Prendre cette adresse?", "Nous écrivons maintenant à cette adresse"),
    ],
)
def test_new_address_is_taken_by_one_press(
    world: World, readers: Readers, links: dict[Purpose, str], lang: str, asks: str, says: str
) -> None:
    path = f"/address/{links[Purpose.ADDRESS_CONFIRM]}?lang={lang}"
    assert world.page(path).one("h1").text == asks
    assert address(world, readers) == "rose@example.ca"
    first, second = world.post(path), world.post(path)
    assert says in first.text
    assert second.text == first.text
    assert address(world, readers) == "new@example.org"


def test_old_address_refuses_before_and_undoes_after(
    world: World, readers: Readers, links: dict[Purpose, str]
) -> None:
    keep = f"/address/{links[Purpose.ADDRESS_KEEP]}"
    page = world.page(keep)
    assert page.one("h1").text == "Keep this address?"
    assert "n•••@example.org" in page.one("main").text
    world.post(f"/address/{links[Purpose.ADDRESS_CONFIRM]}")
    assert world.page(keep).one("h1").text == "Go back to this address?"
    assert "We write to this address again" in world.post(keep).text
    assert address(world, readers) == "rose@example.ca"


def test_refused_change_cannot_be_confirmed(
    world: World, readers: Readers, links: dict[Purpose, str]
) -> None:
    assert "We keep this address" in world.post(f"/address/{links[Purpose.ADDRESS_KEEP]}").text
    late = world.post(f"/address/{links[Purpose.ADDRESS_CONFIRM]}")
    assert "This link is too old" in late.text
    assert address(world, readers) == "rose@example.ca"


def test_pages_are_never_dead_ends_when_too_old(
    world: World, readers: Readers, links: dict[Purpose, str]
) -> None:
    world.clock.forward(days=40)
    for purpose in (Purpose.ADDRESS_CONFIRM, Purpose.ADDRESS_KEEP):
        page = world.page(f"/address/{links[purpose]}")
        assert page.all("a", href="/change")
