"""``flask tips import`` of what other programs wrote: pictures, reviews, nothing saved before its time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from newsletter_app import media, notices, tips
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.digests import Folders as DigestFolders
from newsletter_app.tips import Tip
from tests.cli.conftest import Shell
from tests.factories.payloads import PAYLOADS, what_runs
from tests.fakes.web_server import WebServer, web_server
from tests.imports import samples
from tests.imports.test_corpus import clean


@pytest.fixture(scope="module")
def running() -> Iterator[WebServer]:
    with web_server() as server:
        server.names["old.example.org"] = server.names["pictures.example"]
        server.answers["/a/7_files/coat.png"] = (200, {}, samples.png("blue"))
        yield server


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def tip_of(shell: Shell, number: int) -> Tip:
    with shell.look() as session:
        tip = tips.find_by_number(session, number)
        assert tip is not None
        return tip


def count(shell: Shell) -> int:
    with shell.look() as session:
        return len(tips.all_tips(session))


def size_of_picture(shell: Shell, number: int) -> tuple[int, int] | None:
    with shell.look() as session:
        image = media.find(session, tip_of(shell, number).image_id)
        return (image.width, image.height) if image else None


def test_a_saved_page_with_the_pictures_of_its_folder(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "warm.html", samples.PAGE)
    write(tmp_path, "7_files/coat.png", samples.png())
    told = shell.told("tips", "import", page)
    for line in [
        f"{page}: tip 7, in English: Warm Up Slowly",
        "  Picture: 7_files/coat.png, “Woman in a blue coat”, creator Rosehip, source Pexels.",
        "    “• Home · • All tips · Walk On”: the head of the page",
        "    paragraph 1: Links to other pages of that site were left out, their words kept. Write the whole"
        " address.",
        "Saved tip 7 in English (new).",
    ]:
        assert line in told.splitlines(), told
    assert size_of_picture(shell, 7) == (30, 20)


def test_a_picture_that_nobody_has_is_told_and_not_fetched(
    shell: Shell, tmp_path: Path, running: WebServer
) -> None:  # S16
    """Neither before nor after: only --fetch-images may ask anybody."""
    shell.app.extensions["fetcher"] = running.fetcher()
    running.asked.clear()
    page = write(tmp_path, "warm.html", samples.PAGE)
    assert "Saved without its picture: there is no picture 7_files/coat.png." in shell.told(
        "tips", "import", page
    )
    export = write(tmp_path, "wp.xml", samples.export(samples.post("#7 Warm up")))
    told = shell.told("tips", "import", export)
    assert "is on the web. Name a folder that has it by --images, or allow --fetch-images." in told
    assert (running.asked, size_of_picture(shell, 7)) == ([], None)


def test_a_picture_that_is_written_into_the_page_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    page = samples.PAGE.replace("7_files/coat.png", "data:image/png;base64,AAAA")
    told = shell.told("tips", "import", write(tmp_path, "warm.html", page))
    assert "Saved without its picture: the picture itself is not in the file. Give it by --image." in told


def test_a_picture_that_is_none_stops_no_page(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "warm.html", samples.PAGE)
    write(tmp_path, "7_files/coat.png", "<svg onload='alert(1)'/>")
    told = shell.told("tips", "import", page)
    assert "Saved without its picture: The picture is no whole PNG, JPEG, GIF or WebP file." in told
    assert shell.pictures == []


def test_pictures_come_from_where_somebody_says(shell: Shell, tmp_path: Path, running: WebServer) -> None:
    """From a folder by ever shorter ends of the path, from a zip, from the web where that is allowed."""
    shell.app.extensions["fetcher"] = running.fetcher()
    export = write(tmp_path, "wp.xml", samples.export(samples.post("#7 Warm up")))
    folder = write(tmp_path, "uploads/7_files/coat.png", samples.png()).parents[1]
    running.asked.clear()
    shell.told("tips", "import", export, "--images", folder)
    assert (len(shell.pictures), running.asked) == (1, [])
    archive = write(
        tmp_path, "uploads.zip", samples.zipped({"up/coat.png": samples.png("green"), "x.png": ""})
    )
    shell.told("tips", "import", export, "--images", archive)
    assert (len(shell.pictures), running.asked) == (2, [])
    # Of two that have the name, nobody knows which is meant.
    two = write(
        tmp_path, "two.zip", samples.zipped({"a/coat.png": samples.png(), "b/coat.png": samples.png()})
    )
    assert "Saved without its picture" in shell.told("tips", "import", export, "--images", two)
    write(tmp_path, "wp.xml", export.read_bytes().replace(b"https://old", b"http://old"))
    shell.told("tips", "import", export, "--fetch-images")
    assert len(shell.pictures) == 3
    assert running.asked == [("GET", "old.example.org", "/a/7_files/coat.png")]


def test_a_picture_in_an_archive_or_a_word_document(shell: Shell, tmp_path: Path) -> None:
    members = {"a/7.html": samples.PAGE, "a/7_files/coat.png": samples.png(), "b/8.docx": samples.docx(*DOCX)}
    archive = write(tmp_path, "tips.zip", samples.zipped(members))
    told = shell.told("tips", "import", archive)
    assert f"{archive}, a/7.html: tip 7, in English: Warm Up Slowly" in told.splitlines()
    assert size_of_picture(shell, 7) == (30, 20)
    shell.told("tips", "import", write(tmp_path, "7.docx", samples.docx()))
    assert tip_of(shell, 7).sides[0].revision == 2


DOCX = (samples.paragraph("#8 Rest", "Title"), samples.paragraph("A lead."))


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "%2e%2e/secret.png", "7_files/../../secret.png", "/etc/passwd", "%00", "x" * 5000],
)
def test_no_picture_from_outside_the_folder(shell: Shell, tmp_path: Path, name: str) -> None:  # S16, S18
    write(tmp_path, "secret.png", samples.png())
    page = write(tmp_path, "in/a.html", samples.PAGE.replace("7_files/coat.png", name))
    shell.run("tips", "import", page)
    assert shell.pictures == []
    archive = write(tmp_path, "in/a.zip", samples.zipped({"x/a.html": page.read_bytes(), "secret.txt": "x"}))
    shell.run("tips", "import", archive)
    assert shell.pictures == []


def test_a_review_names_no_folder_by_a_file_that_is_not_there(shell: Shell, tmp_path: Path) -> None:  # S18
    """A review comes from anywhere, too: "from: /x" would make the whole disk its folder."""
    write(tmp_path, "private/photo.png", samples.png())
    page = write(tmp_path, "in/a.html", samples.PAGE)
    review = tmp_path / "review.yaml"
    shell.told("tips", "import", page, "--review", review)
    text = review.read_text().replace(str(page), str(tmp_path / "private/nothing.html"))
    review.write_text(text.replace("file: 7_files/coat.png", "file: photo.png"))
    refused = shell.refusal("tips", "import", "--from-review", review)
    assert "there is no picture photo.png." in refused
    assert shell.pictures == []


def test_a_review_changes_nothing_and_comes_back_as_it_was_edited(shell: Shell, tmp_path: Path) -> None:
    posts = [
        samples.post("#7 Warm up"),
        samples.post("#8 Rest", at=2),
        samples.post("#9 OK", "<p>OK.</p>", at=3),
        samples.post("#10 Draft", at=4, status="draft"),
    ]
    export = write(tmp_path, "wp.xml", samples.export(*posts))
    write(tmp_path, "up/coat.png", samples.png())
    review = tmp_path / "review.yaml"
    told = shell.told("tips", "import", export, "--images", tmp_path / "up", "--review", review)
    assert (
        told.splitlines()[-1]
        == f"Nothing was saved. Read {review}, change it, then give it by --from-review."
    )
    assert (count(shell), shell.pictures) == (0, [])
    text = review.read_text()
    for line in [
        f"#   .venv/bin/flask tips import --from-review {review}",
        f"# {export}, post 3 “#9 OK”: Its words do not tell its language. Give --language en or --language"
        " fr.",
        f"# {export}: 1 drafts were left out; --drafts takes them along.",
        "  picture: found",
        "  title: Warm up",
    ]:
        assert line in text.splitlines(), text
    edited = text.replace("title: Warm up", "title: Warm up well").replace("Cold muscles", "Stiff muscles", 1)
    review.write_text(edited[: edited.index("\n- from:", edited.index("title: Warm up"))])
    shell.told("tips", "import", "--from-review", review, "--images", tmp_path / "up")
    side = tip_of(shell, 7).sides[0]
    assert (side.title, side.lead[:13], count(shell)) == ("Warm up well", "Stiff muscles", 1)
    assert size_of_picture(shell, 7) == (30, 20)


def test_a_review_is_exact_about_pictures_and_never_overwritten(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "a.html", samples.PAGE)
    review = tmp_path / "review.yaml"
    shell.told("tips", "import", page, "--review", review)
    assert "lacking: there is no picture 7_files/coat.png." in " ".join(review.read_text().split())
    assert "is there already" in shell.refusal("tips", "import", page, "--review", review)
    assert "there is no picture 7_files/coat.png." in shell.refusal("tips", "import", "--from-review", review)
    review.write_text(review.read_text().replace("file: 7_files/coat.png", "file: ''"))
    shell.told("tips", "import", "--from-review", review)
    assert size_of_picture(shell, 7) is None


def test_a_review_out_of_shape_names_its_lines(shell: Shell, tmp_path: Path) -> None:
    review = write(tmp_path, "r.yaml", "- title: A\n  language: en\n  nmuber: 7\n")
    told = shell.refusal("tips", "import", "--from-review", review, "--notice", "tips")
    assert f"{review}, line 3 “nmuber: 7”: No such name" in told
    assert "Nothing was imported." in told
    review.write_text("- title: A\n  language: en\n  published_at: soon\n")
    assert "published_at is no moment" in shell.refusal("tips", "import", "--from-review", review)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--from-review", "R", "F"),
        ("--from-review", "R", "--drafts"),
        ("F", "--review", "N", "--on-the-web"),
    ],
)
def test_wishes_that_contradict_each_other(shell: Shell, tmp_path: Path, words: tuple[str, ...]) -> None:
    files = {
        "R": write(tmp_path, "r.yaml", "[]"),
        "F": write(tmp_path, "a.html", samples.PAGE),
        "N": tmp_path / "n",
    }
    assert "Usage" in shell.refusal("tips", "import", *(files.get(word, word) for word in words))


def test_one_bad_post_refuses_the_import(shell: Shell, tmp_path: Path) -> None:
    export = write(tmp_path, "wp.xml", samples.export(samples.post("#7 Warm up"), samples.post("", "", at=2)))
    told = shell.refusal("tips", "import", export)
    assert f"{export}, post 2: No title is found." in told
    assert count(shell) == 0


def test_what_stood_on_the_web_goes_there_since_its_day(shell: Shell, tmp_path: Path, now: datetime) -> None:
    posts = [
        samples.post("#7 Warm up"),
        samples.post("#8 Rest", "<p>For you and the rest.</p>", at=2, status="draft"),
    ]
    export = write(tmp_path, "wp.xml", samples.export(*posts))
    shell.told("tips", "import", export, "--drafts", "--on-the-web")
    assert tip_of(shell, 7).published_at == datetime.fromisoformat("2019-05-01T15:00:00+00:00")
    assert tip_of(shell, 8).published_at is None
    assert shell.rung == []


def test_sides_of_a_tip_without_a_number_find_each_other(shell: Shell, tmp_path: Path) -> None:
    group = (
        '<category domain="post_translations" nicename="pll_1"/><category domain="language" nicename="{}"/>'
    )
    posts = [
        samples.post("Coffee", "<p>Come.</p>", more=group.format("en")),
        samples.post("Café", "<p>Venez.</p>", at=2, more=group.format("fr")),
    ]
    shell.told("tips", "import", write(tmp_path, "wp.xml", samples.export(*posts)), "--notice", "events")
    with shell.look() as session:
        (tip,) = tips.all_tips(session)
        assert {side.title for side in tip.sides} == {"Coffee", "Café"}


def test_each_tip_costs_a_few_questions(shell: Shell, tmp_path: Path) -> None:
    """However many there are: 500 tips over a review take seconds (docs/how-to/import-tips.md)."""
    posts = [samples.post(f"#{at} Tip {at}", "<p>For you and the rest.</p>") for at in range(1, 41)]
    export, review = write(tmp_path, "wp.xml", samples.export(*posts)), tmp_path / "r.yaml"
    shell.told("tips", "import", export, "--review", review)
    statements: list[str] = []
    event.listen(shell.ports.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert shell.told("tips", "import", "--from-review", review).count("Saved tip") == 40
    assert len(statements) < 40 * 24


def test_page_and_mail_of_a_hostile_tip_run_nothing(
    shell: Shell, tmp_path: Path, now: datetime, translations: Path, templates: Path
) -> None:  # S13, S14
    payloads = list(map(clean, PAYLOADS))
    # As words first, since some of those that stand as they are swallow whatever follows them.
    shown = [*map(escape, payloads), *payloads]
    body = "".join(f"<h2>{text}</h2><p>{text}</p>" for text in shown).replace("]]>", "]] >")
    # WordPress keeps a title as HTML: written as words in it, the mark comes through as words.
    title = f"#7 {escape(escape('<img src=x onerror=alert(1)>'))}"
    export = write(tmp_path, "wp.xml", samples.export(samples.post(title, f"{samples.BODY}{body}")))
    shell.told("tips", "import", export, "--on-the-web", "--language", "en")
    tip = tip_of(shell, 7)
    page = shell.app.test_client().get(tips.path(tip, tip.sides[0])).get_data(as_text=True)
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        composer = Composer(
            DigestFolders(templates, translations), "https://news.example.org", "t@example.org", now
        )
        mail: Any = composer.compose(session, DigestOf((tip.id,), (notice,), "en", "standard", None))
    for html in (page, mail.html):
        assert "alert(1)" in html
        assert what_runs(html) == []
        assert "{{7*7}}" in html
        assert "&lt;img src=x onerror=alert(1)&gt;</h1>" in html
