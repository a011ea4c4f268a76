"""A tip's picture on its page: the size each screen needs, and files that can be nothing but pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image as Picture

from newsletter_app import media, organisation, tips
from newsletter_app.kernel.buckets import Bucket
from newsletter_app.media import Image
from tests.factories import content
from tests.web.conftest import World
from tests.web.dom import Element


def drawing(width: int) -> bytes:
    """Return a drawing of this width, half as high."""
    out = io.BytesIO()
    Picture.new("RGB", (width, width // 2), "#0B4A40").save(out, "PNG")
    return out.getvalue()


@dataclass
class Pictured:
    """A tip with a picture, and the page it is on."""

    world: World
    image: Image

    @property
    def shown(self) -> list[Element]:
        """The pictures in the page's main part."""
        page = self.world.page("/tips/7-walk-a-little-7")
        return [one for one in page.all("img") if page.one("main") in one.ancestors]


@pytest.fixture
def pictured(world: World) -> Pictured:
    """Give tip 7 with a picture of 2,000 pixels."""
    now = world.clock()
    kept = media.keep(world.ports.unit_of_work, world.ports.shelf, drawing(2000))
    with world.write() as session:
        notice = content.notices.find(session, 1)
        assert notice is not None
        tip = content.make_tip(session, notice, 7, now)
        image = media.record(session, kept, now)
        tip.image_id, tip.image_creator, tip.image_licence = image.id, "Ada", "CC BY 4.0"
        for side in tip.sides:
            side.alt = "A path"
        assert tips.missing_to_publish(tip, notice) == ()
    return Pictured(world, image)


def test_a_page_offers_each_size(pictured: Pictured) -> None:
    (shown,) = pictured.shown
    stem, _, ending = pictured.image.name.rpartition(".")
    assert (shown["width"], shown["height"], shown["alt"]) == ("1600", "800", "A path")  # A1
    offered = dict(one.split()[::-1] for one in shown["srcset"].split(", "))
    assert offered == {
        "480w": f"/media/{stem}-480.{ending}",
        "800w": f"/media/{stem}-800.{ending}",
        "1120w": f"/media/{stem}-1120.{ending}",
        "1600w": f"/media/{pictured.image.name}",
    }
    assert "34rem" in shown["sizes"]
    for width, url in offered.items():
        answer = pictured.world.get(url)
        with Picture.open(io.BytesIO(answer.data)) as stored:
            assert f"{stored.width}w" == width


def test_a_file_is_a_picture_and_nothing_else(pictured: Pictured) -> None:
    answer = pictured.world.get(f"/media/{pictured.image.name}")
    assert answer.mimetype == "image/png"  # S18: the type it was encoded to
    assert answer.headers["X-Content-Type-Options"] == "nosniff"  # S18
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"  # S18
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    again = pictured.world.get(
        f"/media/{pictured.image.name}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_no_file_of_it_is_not_found(pictured: Pictured) -> None:
    name = pictured.image.name
    pictured.world.ports.shelf.drop(name)
    for path in (name, name.replace(".", "-481."), f"{name}.part", f"../{name}"):
        assert pictured.world.get(f"/media/{path}").status_code == 404


def end_rights(pictured: Pictured, day: date | None) -> None:
    """Let the rights end with ``day``."""
    with pictured.world.write() as session:
        tip = tips.find_by_number(session, 7)
        assert tip is not None
        tip.image_rights_until = day


def test_a_picture_whose_rights_have_ended_is_shown_nowhere(pictured: Pictured) -> None:
    end_rights(pictured, date(2026, 3, 2))
    feed = "/feeds/tips.atom"
    paths = ("/tips/7-walk-a-little-7", "/fr/conseils/7-marchez-un-peu-7", feed)
    name = pictured.image.name
    for path in paths:
        assert name in pictured.world.get(path).text, path
    answer = pictured.world.get(f"/media/{name}")
    # It is 9 a.m. in Edmonton, and the day ends at midnight there.
    assert answer.headers["Cache-Control"] == f"public, max-age={15 * 3600}, immutable"
    pictured.world.clock.forward(hours=14, minutes=59)
    assert pictured.shown
    pictured.world.clock.forward(minutes=1)
    assert pictured.shown == []
    for path in paths:
        text = pictured.world.get(path).text
        assert name not in text, path
        assert "Ada" not in text
    for file in media.files(pictured.image).values():
        assert pictured.world.get(f"/media/{file}").status_code == 410
    end_rights(pictured, None)
    assert pictured.shown


def test_a_logo_is_shown_although_a_tips_rights_to_it_have_ended(pictured: Pictured) -> None:
    end_rights(pictured, date(2026, 3, 1))
    assert pictured.world.get(f"/media/{pictured.image.name}").status_code == 410
    with pictured.world.write() as session:
        organisation.set_facts(session, logo=pictured.image.name)
    assert pictured.world.get(f"/media/{pictured.image.name}").status_code == 200


def test_a_page_stands_while_the_bucket_does_not_answer(pictured: Pictured) -> None:
    nowhere = Bucket("http://127.0.0.1:9", "pictures", "", "us-east-1", "AKIAKEY", "HUSHHUSH")
    world = pictured.world
    world.app.extensions["ports"] = replace(world.ports, shelf=media.open_shelf(nowhere, Path("unused")))
    assert pictured.shown
    answer = world.get(f"/media/{pictured.image.name}")
    assert answer.status_code == 503  # S27
    assert "HUSH" not in answer.text
