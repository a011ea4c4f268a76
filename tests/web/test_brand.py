"""The organisation's own looks: none by default, then a style sheet and a logo on every page."""

from __future__ import annotations

import io
import re

from PIL import Image as Picture

from newsletter_app import media, organisation
from tests.web.conftest import World
from tests.web.dom import Page


def sheet_of(page: Page) -> str:
    """Return the address of the organisation's style sheet, "" where there is none."""
    found = [one["href"] for one in page.all("link", rel="stylesheet") if "/brand.css" in one["href"]]
    return found[0] if found else ""


def test_an_organisation_without_colours_looks_as_the_house_does(world: World) -> None:
    page = world.page("/")
    assert sheet_of(page) == ""
    assert not page.all("img")


def test_colours_stand_in_a_sheet_of_their_own(world: World) -> None:
    with world.write() as session:
        organisation.set_facts(session, main_colour="#7A1F5C", accent_colour="#F7D046")
    for path in ("/", "/fr/abonnement", "/embed/form", "/no-such-page"):
        assert sheet_of(world.page(path))
    answer = world.get(sheet_of(world.page("/")))
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    light, dark = answer.text.split("(prefers-color-scheme: dark)")
    assert "--pine: #7A1F5C" in light
    assert "--gold: #F7D046" in light
    assert "--pine: #D7BCCE" in dark
    assert set(re.findall(r"@media (\w+)", answer.text)) == {"screen", "print"}, "paper stays black on white"
    assert "immutable" not in world.get("/brand.css?v=old").headers["Cache-Control"]


def test_another_colour_has_another_address(world: World) -> None:
    urls = set()
    for colour in ("#7A1F5C", "#0B4A41"):
        with world.write() as session:
            organisation.set_facts(session, main_colour=colour)
        urls.add(sheet_of(world.page("/")))
    assert len(urls) == 2


def test_a_logo_stands_before_the_name(world: World) -> None:
    out = io.BytesIO()
    Picture.new("RGB", (960, 120), "#0B4A40").save(out, "PNG")
    kept = media.keep(world.ports.unit_of_work, world.ports.shelf, out.getvalue())
    with world.write() as session:
        image = media.record(session, kept, world.clock())
        organisation.set_facts(session, logo=image.name)
    page = world.page("/fr/")
    logo = page.one("img")
    assert (logo["alt"], logo["width"], logo["height"]) == ("", "240", "30")
    assert next(one for one in page.all("a") if one["class"] == "home").text == "Société Exemple"
    with world.get(logo["src"]) as answer:
        assert answer.mimetype == "image/png"
