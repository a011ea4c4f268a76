"""``flask tips import``: says what it recognised, left out and refuses; saves all files or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from newsletter_app import audit, media, notices, tips
from tests.cli.conftest import Shell
from tests.tips.reading import pages

HEADED = """\
---
notice: {notice}
{more}
---
# {title}

A short lead.

## Begin

Some words.[^1]

[^1]: Roy R. Steps. J Walk 2020;5:1-9.
"""


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def headed(title: str = "#5 Walk more", notice: str = "tips", *more: str) -> str:
    return HEADED.format(title=title, notice=notice, more="\n".join(more) or "reviewed_by: Dr. Roy")


def draw(path: Path, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (30, 20), colour).save(path)
    return path


def rows(shell: Shell) -> tuple[list[tuple[int | None, str, int]], list[str]]:
    """Return every side (number, title, revision) and the actions on record."""
    with shell.look() as session:
        sides = [
            (tip.number, side.title, side.revision)
            for tip in tips.all_tips(session)
            for side in sorted(tip.sides, key=lambda side: side.language)
        ]
        return sides, [entry.action for entry in audit.newest(session)]


def test_a_pasted_page(shell: Shell, tmp_path: Path) -> None:
    """The report names every part of it, and whatever is no part of it."""
    page = write(tmp_path, "warm-up.txt", pages.ENGLISH)
    told = shell.told("tips", "import", page, "--by", "bo@example.org")
    assert told.splitlines()[0] == f"{page}: tip 7, in English: Warm Up Slowly"
    for line in [
        "  Lead: 17 words, “Cold muscles complain. Five quiet minutes help them,…”.",
        "  Sections: one without a title, “If you use a cane”.",
        "  Disclaimer: 18 words, “Ask before you begin if your heart is…”.",
        "  Picture: “Woman in a blue coat marching on the spot”, creator Rosehip, source Pexels.",
        "    The picture itself is not in the text; give its file by --image.",
        "  References: 2.",
        "    [2] cited once: Doe J, Roe R. A chair is a friend. Ex J Balance. 2012;3(2):45-51.",
        "    line 36 “Skip to content”: the link past the menu",
        "  Every other line was understood.",
        "Saved tip 7 in English (new).",
    ]:
        assert line in told.splitlines(), told
    assert rows(shell) == ([(7, "Warm Up Slowly", 1)], ["tip.imported"])


def test_what_was_not_understood_is_told(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "odd.txt", pages.ENGLISH.replace("fall. (2)", "fall. (3)"))
    told = shell.told("tips", "import", page)
    assert "“(3)”: No reference has this number, so it stands as text." in told
    assert "No mark in the text cites this reference." in told
    assert "Every other line was understood." not in told


def test_a_dry_run_saves_nothing(shell: Shell, tmp_path: Path) -> None:
    draw(tmp_path / "shoe.png")
    page = write(tmp_path, "a.md", headed("#5 Walk", "tips", "image: {file: shoe.png, alt: A shoe}"))
    assert "Nothing was saved" in shell.told("tips", "import", page, "--dry-run")
    assert (rows(shell), shell.pictures) == (([], []), [])


def test_both_sides_make_one_tip(shell: Shell, tmp_path: Path) -> None:
    files = [write(tmp_path, "7.en.txt", pages.ENGLISH), write(tmp_path, "7.fr.txt", pages.FRENCH)]
    told = shell.told("tips", "import", *files)
    assert "Saved tip 7 in French (new)." in told
    assert [row["name"] for row in shell.data("tips", "list")] == ["7"]


def test_unnumbered_sides_pair_by_the_name_of_their_files(shell: Shell, tmp_path: Path) -> None:
    """And only by all of it: walk.the.dog is no side of walk.the.cat."""
    names = {
        "coffee.en.md": "Coffee",
        "coffee.fr.md": "Café",
        "walk.the.dog.md": "Dogs",
        "walk.the.cat.md": "Cats",
    }
    files = [write(tmp_path, name, headed(title, "events")) for name, title in names.items()]
    shell.told("tips", "import", *files)
    listed = shell.data("tips", "list")
    assert sorted([side["title"] for side in row["sides"]] for row in listed) == [
        ["Cats"],
        ["Coffee", "Café"],
        ["Dogs"],
    ]


def test_importing_again_revises(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "7.txt", pages.ENGLISH)
    shell.told("tips", "import", page)
    # The same words again are no revision.
    assert "Saved tip 7 in English (revision 1)." in shell.told("tips", "import", page)
    page = write(tmp_path, "7.txt", pages.ENGLISH.replace("Warm Up Slowly", "Warm Up Very Slowly"))
    assert "Saved tip 7 in English (revision 2)." in shell.told("tips", "import", page)
    draft = write(tmp_path, "coffee.md", headed("Coffee", "events"))
    shell.told("tips", "import", draft)
    shell.told("tips", "import", draft)
    assert rows(shell)[0] == [(7, "Warm Up Very Slowly", 2), (None, "Coffee", 1)]


def test_a_title_that_comes_again_overwrites_nothing_on_the_web(shell: Shell, tmp_path: Path) -> None:
    """Until the file says by its slug which of the two is meant."""
    page = write(tmp_path, "coffee.md", headed("Coffee", "events"))
    shell.told("tips", "import", page)
    shell.told("tips", "publish", "coffee", "--web-only")
    assert (
        "“Coffee” is on the web already, at /tips/coffee. To change it, put “slug: coffee”"
        in shell.refusal("tips", "import", page)
    )
    write(tmp_path, "coffee.md", headed("Coffee", "events", "slug: coffee-in-may"))
    shell.told("tips", "import", page)
    write(tmp_path, "coffee.md", headed("Coffee", "events", "slug: coffee"))
    assert "It is on the web, so this shows at once: /tips/coffee" in shell.told("tips", "import", page)
    assert [row["name"] for row in shell.data("tips", "list")] == ["coffee", "coffee-in-may"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.md", "---\ntitel: Walk\n---\nWords.\n", "a.md, line 2 “titel: Walk”: No such name is known"),
        (
            "a.md",
            "---\nnumber: seven\n---\n# Walk\n",
            "line 2 “number: seven”: This value is not understood.",
        ),
        ("a.fr.md", "---\nlanguage: en\n---\n# Walk\n", "line 2 “language: en”: This is not the language"),
        ("a.md", "# Walk\n\nWords.[^2]\n", "line 3 “Words.[^2]”: This mark has no reference."),
        ("a.txt", "", "a.txt, line 1: No title is found."),
        ("a.txt", b"#5 Walk\n\nab\0c\n", "a.txt, line 3 “ab c”: This is no text."),
        ("a.txt", pages.ENGLISH.replace("  2. Doe", "  3. Doe"), "The references do not count 1, 2, 3"),
        (
            "a.txt",
            pages.ENGLISH.replace("If you use a cane", "#8 Another"),
            "Put each tip into a file of its own.",
        ),
    ],
)
def test_an_unreadable_file_is_refused_by_its_line(
    shell: Shell, tmp_path: Path, name: str, text: str | bytes, told: str
) -> None:
    """And no other file of the same command is saved."""
    good = write(tmp_path, "good.txt", pages.ENGLISH)
    refusal = shell.refusal("tips", "import", good, write(tmp_path / "bad", name, text))
    assert told in refusal
    assert refusal.endswith("Nothing was imported.\n")
    assert rows(shell) == ([], [])


def test_all_faults_of_all_files_are_told(shell: Shell, tmp_path: Path) -> None:
    files = [write(tmp_path, name, "---\ntitel: x\nnumero: y\n---\n# Walk\n") for name in ("a.md", "b.md")]
    refusal = shell.refusal("tips", "import", *files)
    assert refusal.count("No such name is known") == 4


def refused_files(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Return what is refused only when it is saved: a file's text, and further options."""
    return {
        "there is no notice news. There are: tips, events.": (headed(notice="news"), []),
        "give its notice by --notice. There are: tips, events.": ("# Walk\n\nWords.\n", []),
        "Tips of this notice have numbers, and “Walk” has none.": (headed("Walk"), []),
        "there is no picture shoe.png.": (headed("#5 W", "tips", "image: {file: shoe.png}"), []),
        "lies outside the folder of this file": (headed("#5 W", "tips", "image: {file: ../out.png}"), []),
        "The picture is no whole PNG": (headed("#5 W", "tips", "image: {file: not.png}"), []),
        "This tip stands in another notice already.": (headed("#3 Old", "events"), []),
    }


@pytest.mark.parametrize("told", list(refused_files(Path())))
def test_a_refused_file_undoes_all(shell: Shell, tmp_path: Path, told: str) -> None:
    """One transaction for all files; the pictures of the files before it are gone again too."""
    shell.told("tips", "import", write(tmp_path, "old.md", headed("#3 Old")))
    before = (rows(shell), shell.pictures)
    draw(tmp_path / "out.png")
    draw(tmp_path / "in" / "good.png", "blue")
    write(tmp_path, "in/not.png", "no picture")
    good = write(tmp_path, "in/good.md", headed("#4 G", "tips", "image: {file: good.png, alt: Blue}"))
    text, options = refused_files(tmp_path)[told]
    refusal = shell.refusal("tips", "import", good, write(tmp_path, "in/bad.md", text), *options)
    assert f"{tmp_path}/in/bad.md: " in refusal
    assert told in refusal
    assert refusal.endswith("Nothing was imported.\n")
    assert (rows(shell), shell.pictures) == before


def test_a_link_does_not_lead_outside(shell: Shell, tmp_path: Path) -> None:
    draw(tmp_path / "out.png")
    page = write(tmp_path, "in/a.md", headed("#5 W", "tips", "image: {file: link.png, alt: x}"))
    (page.parent / "link.png").symlink_to(tmp_path / "out.png")
    assert "lies outside the folder" in shell.refusal("tips", "import", page)


def test_pictures_come_from_below_the_file_or_are_given(shell: Shell, tmp_path: Path) -> None:
    draw(tmp_path / "images" / "shoe.png")
    page = write(tmp_path, "a.md", headed("#5 W", "tips", "image: {file: images/shoe.png, alt: A shoe}"))
    shell.told("tips", "import", page)
    given = draw(tmp_path / "elsewhere" / "other.png", "green")
    pasted = write(tmp_path / "pasted", "a.txt", pages.ENGLISH)
    told = shell.told("tips", "import", pasted, "--image", given, "--alt", "A green square")
    assert "The picture itself is not in the text" not in told
    with shell.look() as session:
        five, seven = tips.find_by_number(session, 5), tips.find_by_number(session, 7)
        assert five is not None
        assert seven is not None
        assert media.find(session, five.image_id) is not media.find(session, seven.image_id)
        assert [side.alt for side in seven.sides] == ["A green square"]
    assert len(shell.pictures) == 2


@pytest.mark.parametrize("option", ["--image", "--alt"])
def test_one_picture_does_not_go_with_two_files(shell: Shell, tmp_path: Path, option: str) -> None:
    files = [write(tmp_path, name, pages.ENGLISH) for name in ("a.txt", "b.txt")]
    assert "go with one file" in shell.refusal("tips", "import", *files, option, draw(tmp_path / "x.png"))


def test_two_files_of_one_side_are_refused(shell: Shell, tmp_path: Path) -> None:
    """The later one would overwrite the earlier one, unseen."""
    files = [write(tmp_path, name, pages.ENGLISH) for name in ("a.txt", "b.txt")]
    assert f"b.txt: this is the English side of tip 7, and so is {files[0]}." in shell.refusal(
        "tips", "import", *files
    )


def test_the_number_of_references_changes_in_both_sides_at_once(shell: Shell, tmp_path: Path) -> None:
    one, two = headed("#5 W"), headed("#5 W") + "[^2]: Doe J. Chairs. J Sit 2021;1:1-2.\n"
    sides = [write(tmp_path, f"5.{language}.md", one) for language in ("en", "fr")]
    shell.told("tips", "import", *sides)
    write(tmp_path, "5.en.md", two)
    assert "this file has 2 where the tip has 1" in shell.refusal("tips", "import", sides[0])
    assert "1 references, but" in shell.refusal("tips", "import", *sides)
    write(tmp_path, "5.fr.md", two)
    shell.told("tips", "import", *reversed(sides))
    with shell.look() as session:
        tip = tips.find_by_number(session, 5)
        assert tip is not None
        assert [reference.text[:5] for reference in tips.references_of(tip)] == ["Roy R", "Doe J"]


def test_the_first_side_says_who_made_the_picture(shell: Shell, tmp_path: Path) -> None:
    """It stands on the tip, once; the first side may correct it, the second may not."""
    draw(tmp_path / "a.png")
    names = {"en": "Nerves & Me", "fr": "Les nerfs et moi"}
    for language, name in names.items():
        image = f"image: {{file: a.png, alt: x, creator: {name}}}"
        shell.told("tips", "import", write(tmp_path, f"5.{language}.md", headed("#5 W", "tips", image)))
    assert creator(shell) == "Nerves & Me"
    image = "image: {file: a.png, alt: x, creator: Somebody}"
    shell.told("tips", "import", write(tmp_path, "5.en.md", headed("#5 W", "tips", image)))
    assert creator(shell) == "Somebody"


def creator(shell: Shell) -> str:
    with shell.look() as session:
        tip = tips.find_by_number(session, 5)
        assert tip is not None
        return tip.image_creator


def test_related_tips_may_stand_in_a_later_file(shell: Shell, tmp_path: Path) -> None:
    files = [
        write(tmp_path, "5.md", headed("#5 W", "tips", "related: [6, 9]")),
        write(tmp_path, "6.md", headed("#6 X")),
    ]
    told = shell.told("tips", "import", *files)
    assert "Related tip 9 is not here yet" in told
    assert "Related tip 6" not in told


def test_topics_come_with_the_file(shell: Shell, tmp_path: Path) -> None:
    """One that is unknown is refused with the file; a file that says nothing of them changes none."""
    page = write(tmp_path, "5.md", headed("#5 W", "tips", "topics: [feet]"))
    assert "There is no topic feet. See flask topics list" in shell.refusal("tips", "import", page)
    assert shell.data("tips", "list") == []
    shell.told("topics", "add", "feet", "--name-en", "Feet", "--name-fr", "Pieds")
    for lines, expected in (("topics: [feet]", ["feet"]), ("related: [6]", ["feet"]), ("topics: []", [])):
        shell.told("tips", "import", write(tmp_path, "5.md", headed("#5 W", "tips", lines)))
        with shell.look() as session:
            tip = tips.find_by_number(session, 5)
            assert tip is not None
            assert [topic.slug for topic in tips.topics_of(session, tip.id, "en")] == expected


def test_what_keeps_it_from_being_published_is_told(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "a.md", headed("#5 W", "tips", "image: {file: a.png}"))
    draw(tmp_path / "a.png")
    told = shell.told("tips", "import", page)
    assert "Before it can be published:" in told
    assert "the English side has no words for the picture (alt)" in told


def test_what_a_new_tip_has_none_of_is_told(shell: Shell, tmp_path: Path) -> None:
    """Nothing of it was asked for while it was saved, and after the transaction nobody can ask."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        notice.needs_references = True
    told = shell.told("tips", "import", write(tmp_path, "a.md", "# #5 Walk\n\nA lead.\n"))
    assert "    it has no references, which its notice needs" in told.splitlines(), told


def test_the_language_is_the_organisations_where_nothing_tells(shell: Shell, tmp_path: Path) -> None:
    shell.told("organisation", "set", "--default-language", "fr")
    page = write(tmp_path, "a.md", "# Xyz\n\nXyz.\n")
    (row,) = shell.data("tips", "import", page, "--notice", "events")
    assert row["draft"]["language"] == "fr"


def test_the_report_is_data(shell: Shell, tmp_path: Path) -> None:
    page = write(tmp_path, "7.txt", pages.ENGLISH)
    (row,) = shell.data("tips", "import", page)
    assert row["file"] == str(page)
    assert row["draft"]["number"] == 7
    assert row["left_out"][-1] == {"line": 36, "code": "skip-link", "text": "Skip to content"}
    assert row["saved"] == {
        "tip": "7",
        "language": "en",
        "revision": 1,
        "disclaimer": "own",
        "missing_to_publish": [],
        "related_not_here": [],
        "picture_lacking": "",
    }
    (row,) = shell.data("tips", "import", page, "--dry-run")
    assert row["saved"] is None
