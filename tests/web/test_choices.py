"""Choices: each section saves alone, and a forwarded newsletter gives away nothing (S9)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from newsletter_app import subscribers
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscribers import AddressChange, Subscriber
from newsletter_app.subscriptions import Signup
from tests.factories import people
from tests.web.conftest import Readers, World
from tests.web.dom import Page


@pytest.fixture
def forwarded(links: dict[Purpose, str]) -> str:
    """Give the page as a newsletter's link opens it."""
    return f"/choices/{links[Purpose.CHOICES]}"


@pytest.fixture
def fresh(links: dict[Purpose, str]) -> str:
    """Give the page as a fresh link to the address on file opens it."""
    return f"/choices/{links[Purpose.MANAGE]}"


def reader(world: World) -> Subscriber:
    """Return the active reader as stored now."""
    with world.write() as session:
        return people.a_subscriber(session)


def states(world: World) -> list[str]:
    """Return the states of the reader's subscriptions in the order of the notices."""
    with world.write() as session:
        return list(people.states(session, people.a_subscriber(session)).values())


def test_notices_are_saved_and_said_so_in_their_section(world: World, forwarded: str) -> None:
    page = world.page(forwarded)
    ticked = [one["value"] for one in page.all("input", name="notice") if "checked" in one]
    assert ticked == ["1", "2"]
    answer = world.post(forwarded, {"section": "notices", "notice": ["2", "3"]})
    saved = Page(answer.text).one("p", role="status")  # A6
    assert saved.text == "Saved"
    assert saved.ancestors[-1]["id"] == "notices"
    assert saved.ancestors[-1]["tabindex"] == "-1"
    assert states(world) == ["ended", "active", "active"]


def test_every_form_returns_to_its_own_section(world: World, fresh: str) -> None:
    page = world.page(fresh)
    main = page.one("main")
    ids = {element["id"] for element in page.elements}
    mine = [form["action"] for form in page.all("form") if main in form.ancestors]
    assert mine.count(f"{fresh}/copy") == 1, "a file is no page to return to"
    targets = [action.partition("#")[2] for action in mine if action != f"{fresh}/copy"]
    # The address alone can be wrong: with a fragment its section would take the focus from the box of faults.
    assert targets == [
        *("notices", "when", "pause", "looks", "language", "name-section", "", "stop"),
    ]
    assert {target for target in targets if target} <= ids
    said = Page(world.post(fresh, {"section": "address", "address": "new@example.net"}).text)
    assert "autofocus" in said.one("section", id="address-section")
    wrong = Page(world.post(fresh, {"section": "address", "address": "rose"}).text)
    assert [one["role"] for one in wrong.elements if "autofocus" in one] == ["alert"]  # A5


def test_language_is_saved_and_the_page_follows(world: World, forwarded: str) -> None:
    answer = world.post(f"{forwarded}?lang=en", {"section": "language", "language": "fr"})
    assert Page(answer.text).one("html")["lang"] == "fr"
    assert "Enregistré" in answer.text
    assert reader(world).language == "fr"
    assert world.page(forwarded).one("html")["lang"] == "fr"


def test_unknown_language_changes_nothing(world: World, forwarded: str) -> None:
    assert world.post(forwarded, {"section": "language", "language": "de"}).status_code == 200
    assert reader(world).language == "en"


def test_forwarded_newsletter_shows_no_data_and_changes_no_address(world: World, forwarded: str) -> None:
    with world.write() as session:
        subscribers.set_name(session, people.a_subscriber(session), "Rose Tremblay")
    page = world.get(forwarded)
    assert "Tremblay" not in page.text  # S9
    assert "rose@example.ca" not in page.text
    assert "r•••@example.ca" in page.text
    assert not Page(page.text).all("input", name="address")
    with world.write() as session:
        before = len(session.scalars(select(AddressChange)).all())
    for section in ("name", "address"):
        world.post(forwarded, {"section": section, "name": "Mallory", "address": "mallory@example.net"})
    assert reader(world).name == "Rose Tremblay"
    with world.write() as session:
        assert len(session.scalars(select(AddressChange)).all()) == before


def test_fresh_link_is_sent_to_the_address_on_file(world: World, forwarded: str) -> None:
    answer = world.post(forwarded, {"section": "fresh-link"})
    assert "Now open your email" in answer.text
    assert "rose@example.ca" not in answer.text  # S9
    assert "You may have used another address." not in answer.text, "nobody typed one"
    with world.write() as session:
        newest = session.scalars(select(Signup).order_by(Signup.id.desc())).first()
        assert newest is not None
        assert (newest.kind, newest.address) == ("link", "rose@example.ca")


def test_name_needs_the_fresh_link(world: World, fresh: str) -> None:
    world.post(fresh, {"section": "name", "name": "Rose\r\nBcc: x"})
    assert reader(world).name == "Rose Bcc: x"
    assert world.page(fresh).values("name") == ["Rose Bcc: x"]


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("new@example.net", 200, "Now open your email at the new address"),
        ("gus@example.ca", 200, "Now open your email at the new address"),  # S9: known here, same answer
        ("ROSE@example.ca", 200, "This is the address we write to already."),
        ("rose", 422, "Your address needs an @ sign"),
    ],
)
def test_address_change_answers_alike(world: World, fresh: str, typed: str, code: int, words: str) -> None:
    answer = world.post(fresh, {"section": "address", "address": typed})
    assert answer.status_code == code
    assert words in answer.text
    assert reader(world).address == "rose@example.ca"


def test_link_sent_to_an_address_given_up_is_dead(world: World, readers: Readers, fresh: str) -> None:
    with world.write() as session:
        change = readers.change_id
        code = subscribers.confirm_address_change(
            session, change, hash_key=people.HASH_KEY, now=world.clock()
        )
        assert code == "done"
    assert world.page(fresh).one("h1").text == "This link is too old"


def test_newsletter_from_before_a_new_address_offers_a_fresh_link(
    world: World, readers: Readers, forwarded: str
) -> None:
    with world.write() as session:
        change = readers.change_id
        subscribers.confirm_address_change(session, change, hash_key=people.HASH_KEY, now=world.clock())
        before = people.states(session, session.get_one(Subscriber, readers.active.id))
    page = world.page(forwarded)
    assert page.one("h1").text == "This link is too old"
    answer = world.post(forwarded, {"section": "notices", "notice": []})
    assert Page(answer.text).one("h1").text == "Now open your email"
    with world.write() as session:
        subscriber = session.get_one(Subscriber, readers.active.id)
        assert people.states(session, subscriber) == before
        asked = session.scalars(select(Signup).order_by(Signup.id.desc())).first()
        assert asked is not None
        assert (asked.kind, asked.address) == ("link", subscriber.address)


def test_fresh_link_lives_seven_days(world: World, fresh: str) -> None:
    world.clock.forward(days=7, seconds=1)
    page = world.page(fresh)
    assert page.one("h1").text == "This link is too old"
    assert world.post(fresh, {"section": "name", "name": "Mallory"}).status_code == 200
    assert reader(world).name == ""


def test_stop_all_and_start_again(world: World, forwarded: str) -> None:
    stopped = world.post(forwarded, {"section": "stop"})
    assert "You get nothing from us now." in stopped.text
    assert "You will get no more emails from us." in Page(stopped.text).one("p", role="status").text
    assert states(world) == ["ended", "ended"]
    again = world.post(forwarded, {"section": "again"})
    assert "You get nothing from us now." not in again.text
    assert states(world) == ["active", "active"]


def test_mail_that_came_back_is_told_and_tried_again(world: World, forwarded: str) -> None:
    with world.write() as session:
        people.a_subscriber(session).returned_at = world.clock()
    assert "came back on March 2, 2026" in world.get(forwarded).text
    answer = world.post(forwarded, {"section": "try-again"})
    assert "came back" not in answer.text
    assert reader(world).returned_at is None


def test_two_tabs_each_win_for_their_own_section(world: World, fresh: str) -> None:
    world.post(fresh, {"section": "name", "name": "Rose"})
    world.post(fresh, {"section": "notices", "notice": ["1"]})
    assert reader(world).name == "Rose"
    assert states(world) == ["active", "ended"]


@pytest.mark.parametrize("section", ["", "nonsense", "__class__"])
def test_unknown_section_changes_nothing(world: World, forwarded: str, section: str) -> None:
    assert world.post(forwarded, {"section": section}).status_code == 200
    assert states(world) == ["active", "active"]
