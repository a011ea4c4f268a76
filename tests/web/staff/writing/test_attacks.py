"""What authors write runs nowhere in the console, nor in a preview of it; a file is a picture or nothing."""

from __future__ import annotations

import html
import io
from datetime import datetime

import pytest
from PIL import Image as Picture
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from newsletter_app import media, tips
from newsletter_app.tips import writing
from newsletter_app.tips.writing import AboutTip, SideText
from tests.factories.payloads import PAYLOADS, TEMPLATES, what_runs
from tests.web.conftest import World
from tests.web.staff.conftest import Desks
from tests.web.staff.writing.test_edit import base_of

FRAMES = ("/preview/mail?side=en", "/preview/page?side=en")
PAGES = ("", "/checks", "/revisions", "/preview?look=text", "/preview?look=desktop")


def poison(world: World, tip_id: int, payload: str, now: datetime) -> tuple[int, int]:
    """Put ``payload`` into every field of a tip, and return the ids of two revisions to compare."""
    with world.write() as session:
        tip = tips.find(session, tip_id)
        assert tip is not None
        short = payload[:120].replace("\x00", "")
        for at, text in enumerate((payload, f"{payload} again")):
            side = SideText(text[:200], text, f"{text}\n\n## {text}", text, text[:500])
            base = writing.written(session, tip, "en").revision
            writing.write(session, tip, "en", side, base=base, by=f"<b>{at}</b>", now=now)
        found = writing.written(session, tip, "about")
        about = AboutTip(None, False, short, short, "https://x.example/", short[:60], "", (1,))
        writing.write(session, tip, "about", about, base=found.revision, by="ann@example.org", now=now)
        if " ".join(payload.split()).strip():
            writing.add_references(session, tip, payload, by="ann@example.org", now=now)
        writing.approve(session, tip, by="bob@example.org", now=now)
        writing.give_back(session, tip, payload, by="<script>alert(1)</script>", now=now)
        rows = writing.revisions(session, tip, "en")
        return rows[0].id, rows[-1].id


@pytest.mark.parametrize("place", range(4))
def test_nothing_an_author_writes_runs(
    world: World, desk: Desks, draft: int, now: datetime, place: int
) -> None:  # S13, S14
    """A hundred payloads in every field: pages hold them as words, frames hold what readers may get."""
    editor, url = desk("editor"), f"/console/tips/{draft}"
    for at, payload in enumerate(PAYLOADS[place::4]):
        older, newer = poison(world, draft, payload, now)
        # The page of the tip shows every field; the others show them as they are escaped everywhere.
        compared = [f"/en/revisions/{newer}?with={older}", f"/en/revisions/{older}", *PAGES[1:], "s"]
        for path in (PAGES[0], *(compared if at % 6 == 0 else ())):
            address = "/console/tips" if path == "s" else url + path
            runs = [one for one in what_runs(editor.get(address).text) if one != "iframe"]
            assert runs == [], (path, payload)
        for path in FRAMES:
            assert what_runs(editor.get(url + path).text) == [], (path, payload)


@pytest.mark.parametrize("path", FRAMES)
def test_a_frame_is_a_sandbox(world: World, desk: Desks, draft: int, path: str) -> None:  # S13, S25
    """Opened in a tab of its own, the address runs nothing either, whatever slipped through the cleaning."""
    answer = desk("viewer").get(f"/console/tips/{draft}{path}")
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "sandbox allow-same-origin;",
        "default-src 'none'",
        "script-src 'none'",
        "form-action 'none'",
    ):
        assert part in policy
    assert "frame-ancestors 'self'" in policy
    assert "allow-scripts" not in policy


def test_pictures_are_left_out_where_a_reader_would_not_see_them(
    world: World, desk: Desks, draft: int
) -> None:
    """The policy itself keeps them out; nothing in the mail is changed for it."""
    viewer = desk("viewer")
    answer = viewer.get(f"/console/tips/{draft}/preview/mail?side=en&look=no-pictures")
    assert "img-src 'none'" in answer.headers["Content-Security-Policy"]
    dark = viewer.get(f"/console/tips/{draft}/preview/mail?side=en&look=dark").text
    light = viewer.get(f"/console/tips/{draft}/preview/mail?side=en").text
    text = viewer.get(f"/console/tips/{draft}/preview?side=en&look=text").text
    assert all("Slot7Qx" not in shown for shown in (dark, light, text))
    assert "you asked for Health tips on March 2, 2026." in text
    assert "@media all {" in dark
    assert "@media not all {" in light


def test_what_comes_back_to_whoever_is_signed_out_runs_nothing(world: World, draft: int) -> None:  # S13
    """The form of kept words echoes what a browser sent, names and all."""
    for payload in PAYLOADS:
        data = {"body_en": payload, payload: "x" * 50, "base": payload}
        answer = world.post(f"/console/tips/{draft}/sides/en", data)
        assert answer.status_code == 401
        assert what_runs(answer.text) == [], payload


def test_template_words_stay_words(world: World, desk: Desks, draft: int, now: datetime) -> None:  # S14
    """Nothing an author writes is a template; the mark of a slot stops the mail instead of filling it."""
    editor, url = desk("editor"), f"/console/tips/{draft}/preview?look=text"
    for payload in TEMPLATES:
        poison(world, draft, payload, now)
        text = editor.get(url).text
        assert payload.split("_")[0] in html.unescape(text[text.index("<pre") :]), payload
    poison(world, draft, "Slot7QxstopUurlQ7tolS", now)
    assert "The word Slot7Qx stands in the tip" in editor.get(url).text


def png(width: int = 4, height: int = 4) -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (width, height), "green").save(out, "PNG")
    return out.getvalue()


def jpeg_with_place() -> bytes:
    """Return a photograph whose metadata tell where it was taken."""
    out, exif = io.BytesIO(), Picture.Exif()
    exif[0x010E] = "Secret street 5"
    Picture.new("RGB", (64, 64), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(desk: Desks, tip_id: int, content: bytes, name: str = "a.png", **fields: str) -> TestResponse:
    editor, url = desk("editor"), f"/console/tips/{tip_id}"
    base = fields.pop("base", "") or base_of(editor, tip_id, "about")
    picture = FileStorage(io.BytesIO(content), name, "picture")
    # Encoded here: the client would keep a large form in a file that nobody closes.
    boundary, body = encode_multipart({"base": base, "picture": picture} | fields)
    return editor.post(f"{url}/picture", body, content_type=f"multipart/form-data; boundary={boundary}")


def test_a_picture_is_encoded_anew(world: World, desk: Desks, draft: int) -> None:  # S18
    """Its name is random, its metadata are gone, and its credit stands beside it."""
    given = jpeg_with_place()
    assert b"Secret street" in given
    answer = upload(desk, draft, given, "../../x.html", image_creator="Ann", image_licence="CC BY")
    assert answer.status_code == 303
    with world.write() as session:
        tip = tips.find(session, draft)
        assert tip is not None
        image = media.find(session, tip.image_id)
        assert image is not None
        assert (tip.image_creator, image.mime, "x.html" in image.name) == ("Ann", "image/png", False)
        kept = world.ports.shelf.read(image.name)
    assert kept is not None
    assert b"Secret street" not in kept
    # What was saved since has another base: a second picture upon the first one's is kept aside.
    assert "/about/revisions/" in upload(desk, draft, png(), base="1").location


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<script>alert(1)</script>", "This is no whole PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "This is no whole PNG"),
        (png()[:40], "This is no whole PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * (15 * 1024 * 1024), "more than 15 MB"),
    ],
)
def test_what_is_no_picture_is_refused(
    world: World, desk: Desks, draft: int, content: bytes, words: str
) -> None:  # S18
    """The page says why, keeps the credit that was typed, and no file is left."""
    answer = upload(desk, draft, content, image_creator="Ann Typed")
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Ann Typed"' in answer.text
    assert not list((world.ports.settings.data_dir / "media").glob("*"))


def test_forty_million_dots_are_too_many(world: World, desk: Desks, draft: int) -> None:  # S18
    """A small file can unpack to a picture that fills the memory."""
    bomb = io.BytesIO()
    Picture.new("1", (8_000, 5_001)).save(bomb, "PNG")
    assert "40 million dots" in upload(desk, draft, bomb.getvalue()).text


def test_an_upload_without_end_is_cut_off(world: World, desk: Desks, draft: int) -> None:  # S35
    """What is larger than any picture is not read to its end."""
    assert upload(desk, draft, b"x" * (16 * 1024 * 1024)).status_code == 413
