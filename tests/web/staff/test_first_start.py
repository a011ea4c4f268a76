"""The first start: one link, a guided set-up that can be left at any step, and then a dead link."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from newsletter_app import identity, notices, organisation
from newsletter_app.identity import Staff
from newsletter_app.service_mail import ServiceMail
from tests.factories.staff import make_staff
from tests.web.conftest import PUBLIC_URL, World
from tests.web.staff.test_sign_in import Browser

OWNER = {"address": "rose@example.ca", "password": "hens 4 ever"}
WHO = {
    "name_en": "Walk On",
    "name_fr": "En marche",
    "phone": "780 555 0100",
    "email": "",
    "postal_address_en": "1 Main St",
    "postal_address_fr": "1, rue Main",
    "time_zone": "America/Toronto",
    "default_language": "fr",
}
NOTICE = {
    "name_en": "Health tips",
    "name_fr": "Conseils santé",
    "sentence_en": "One a week.",
    "sentence_fr": "Un par semaine.",
    "how_often_en": "weekly",
    "how_often_fr": "chaque semaine",
    "numbered": "on",
}


@pytest.fixture
def path(empty: World) -> str:
    """Give the path of the link on the terminal."""
    with empty.write() as session:
        link = identity.first_link(session)
    assert link is not None
    return link.url(empty.ports.links).removeprefix(PUBLIC_URL)


def confirm_code(world: World, browser: Browser) -> None:
    """Set the phone up."""
    with world.write() as session:
        staff = session.scalars(select(Staff)).one()
        seed = identity.candidate(staff, hash_key=world.ports.settings.hash_key)
        assert seed is not None
    code = identity.second_factor.code_at(seed, world.clock())
    page = browser.post("/console/second-factor?next=/console/set-up", code=code)
    assert 'href="/console/set-up"' in page.text


def test_all_of_it(empty: World, path: str) -> None:
    browser = Browser(empty.client)
    assert browser.get(path).status_code == 200
    assert browser.post(path, **(OWNER | {"password": "short"})).status_code == 422
    assert browser.post(path, **(OWNER | {"address": "rose"})).status_code == 422
    assert browser.post(path, **OWNER).location.startswith("/console/second-factor")
    confirm_code(empty, browser)
    assert browser.get("/console/set-up").text.count("To do") == 3
    assert browser.post("/console/set-up").location.endswith("said=nothing-changed")
    assert browser.post("/console/set-up/sender").location.endswith("said=nothing-changed")
    nowhere = browser.post("/console/set-up/organisation", **(WHO | {"time_zone": ""}))
    assert (nowhere.status_code, "Please choose a city." in nowhere.text) == (422, True)
    assert browser.post("/console/set-up/organisation", **WHO).location == "/console/set-up?said=saved"
    assert browser.post("/console/set-up/notice", **NOTICE).location == "/console/set-up?said=saved"
    assert browser.post("/console/set-up/sender").location.endswith("said=mail-tried")
    assert browser.get("/console/set-up").text.count("To do") == 0
    assert browser.post("/console/set-up").location == "/console?said=set-up-finished"
    with empty.write() as session:
        found = organisation.get(session)
        assert (found.time_zone, found.side("fr").name) == ("America/Toronto", "En marche")
        (notice,) = notices.offered(session)
        assert (notice.key, notice.numbered, notice.needs_references) == ("tips", True, False)
        assert [(mail.kind, mail.address) for mail in session.scalars(select(ServiceMail))] == [
            ("trial", "rose@example.ca")
        ]


def test_it_can_be_left_before_the_phone_is_set_up(empty: World, path: str) -> None:
    Browser(empty.client).post(path, **OWNER)
    again = Browser(empty.client)
    assert again.post(path, **(OWNER | {"address": "rosa@example.ca"})).status_code == 303
    confirm_code(empty, again)
    with empty.write() as session:
        assert session.scalars(select(Staff.address)).all() == ["rosa@example.ca"]


def test_afterwards_the_link_is_dead(empty: World, path: str) -> None:  # S8
    browser = Browser(empty.client)
    browser.post(path, **OWNER)
    confirm_code(empty, browser)
    other = OWNER | {"address": "eve@example.org"}
    for answer in (browser.get(path), browser.post(path, **other)):
        assert answer.status_code == 410
    with empty.write() as session:
        assert identity.first_link(session) is None
        assert session.scalars(select(Staff.address)).all() == ["rose@example.ca"]


def test_a_lost_phone_does_not_bring_it_back(empty: World, path: str) -> None:  # S8
    browser = Browser(empty.client)
    browser.post(path, **OWNER)
    confirm_code(empty, browser)
    with empty.write() as session:
        staff = session.scalars(select(Staff)).one()
        identity.forget_second_factor(session, staff, by="x", now=empty.clock())
    assert empty.get(path).status_code == 410


def test_where_somebody_works_already_there_is_none(empty: World, path: str) -> None:
    with empty.write() as session:
        make_staff(session, "viewer", empty.clock())
    assert empty.get(path).status_code == 410


def test_another_link_is_refused(empty: World, path: str) -> None:  # S8
    assert empty.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name_fr": ""}, "name_fr"),
        ({"postal_address_en": " "}, "postal_address_en"),
        ({"phone": ""}, "phone"),
        ({"email": "no address"}, "email"),
        ({"time_zone": "Nowhere/At_All"}, "time_zone"),
    ],
)
def test_what_the_law_asks_for_is_asked_for(
    empty: World, path: str, change: dict[str, str], field: str
) -> None:  # L3, L7
    browser = Browser(empty.client)
    browser.post(path, **OWNER)
    confirm_code(empty, browser)
    answer = browser.post("/console/set-up/organisation", **(WHO | change))
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert 'value="Walk On"' in answer.text
    with empty.write() as session:
        assert organisation.find(session) is None


def test_what_is_set_already_is_shown_filled_in(world: World) -> None:
    with world.write() as session:
        link = identity.first_link(session)
        assert link is not None
    browser = Browser(world.client)
    browser.post(link.url(world.ports.links).removeprefix(PUBLIC_URL), **OWNER)
    confirm_code(world, browser)
    assert browser.get("/console/set-up").text.count("To do") == 1
    assert 'value="Example Society"' in browser.get("/console/set-up/organisation").text
    assert "Health tips" in browser.get("/console/set-up/notice").text
    assert browser.get("/console/set-up/sender").status_code == 200
