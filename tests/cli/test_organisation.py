"""``flask organisation``: what is given is set, the rest stays, and what the law asks for is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as Picture

from newsletter_app import audit
from tests.cli.conftest import Shell

WHOLE = [
    *("--name-en", "Walk On", "--name-fr", "En marche", "--phone", "403-555-0100"),
    *("--postal-address-en", "Box 1, Calgary AB", "--postal-address-fr", "C. P. 1, Calgary AB"),
]


def test_setting_part_tells_the_rest(empty: Shell) -> None:
    """L3, L7: name, postal address and one contact."""
    told = empty.told("organisation", "set", "--name-en", "Walk On")
    assert "the organisation has no French name (flask organisation set --name-fr …)" in told
    assert "the organisation has no English postal address" in told
    assert "no phone, e-mail or website" in told
    assert "English name" not in told


def test_a_whole_one_lacks_nothing(empty: Shell) -> None:
    assert empty.told("organisation", "set", *WHOLE) == "The organisation is set.\n"


def test_what_is_not_given_stays(shell: Shell) -> None:
    before = shell.data("organisation", "show")
    shell.told("organisation", "set", "--appeal-fr", " Merci. ", "--time-zone", "America/Halifax")
    after = shell.data("organisation", "show")
    assert after == before | {"appeal_fr": "Merci.", "time_zone": "America/Halifax"}


def test_it_is_recorded_by_whom(shell: Shell) -> None:
    shell.told("organisation", "set", "--phone", "403-555-0111", "--by", "bo@example.org")
    with shell.look() as session:
        entry = audit.newest(session)[0]
        assert (entry.actor, entry.action) == ("bo@example.org", "organisation.set")
        assert entry.details == {"names": ["phone"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Nothing is given to set"),
        (["--time-zone", "America"], "is no time zone; take a name such as America/Edmonton"),
        (["--default-language", "de"], "'de' is not one of 'en', 'fr'"),
        (["--fax", "1"], "No such option"),
        (["--main-colour", "teal"], "'teal' is no colour: write it as #0B4A40"),
        (["--main-colour", "#FFC53D"], "--main-colour #FFC53D and sand #F1E9D8 have a contrast of 1.30 to 1"),
        (
            ["--main-colour-dark", "#0B4A40"],
            "--main-colour-dark #0B4A40 and sand #27302B have a contrast of 1.33 to 1 (dark scheme)",
        ),
        (
            ["--accent-colour", "#777777"],
            "--accent-colour #777777 and label #FFFFFF have a contrast of 4.47 to 1",
        ),
        (["--logo", "nowhere.png"], "there is no file nowhere.png"),
    ],
)
def test_refusals_change_nothing(shell: Shell, words: list[str], told: str) -> None:
    before = shell.data("organisation", "show")
    assert told in shell.refusal("organisation", "set", *words)
    assert shell.data("organisation", "show") == before


def test_showing_none(empty: Shell) -> None:
    assert empty.refusal("organisation", "show") == (
        "Error: The organisation is not set yet. See flask organisation set --help. Nothing was changed.\n"
    )


def test_showing_is_a_line_each(shell: Shell) -> None:
    lines = shell.told("organisation", "show").splitlines()
    assert "name_fr: En marche" in lines
    assert "time_zone: America/Edmonton" in lines


def test_colours_are_set_with_their_contrasts_told(shell: Shell) -> None:
    told = shell.told("organisation", "set", "--main-colour", "#7a1f5c", "--accent-colour", "#F7D046")
    assert "main colour #7A1F5C and sand #F1E9D8 (light): 8.0 to 1, 4.5 is needed" in told  # A2
    assert "main colour dark #D7BCCE and sand #27302B (dark): 7.8 to 1" in told
    assert shell.data("organisation", "show")["main_colour"] == "#7A1F5C"
    assert "to 1" not in shell.told("organisation", "set", "--phone", "1")
    shell.told("organisation", "set", "--main-colour", "", "--accent-colour", "")
    assert shell.data("organisation", "show")["main_colour"] == ""


def test_a_logo_is_stored_and_taken_away(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    Picture.new("RGB", (300, 100), "#0B4A40").save(file)
    shell.told("organisation", "set", "--logo", file)
    assert shell.data("organisation", "show")["logo"] == shell.pictures[0].name  # S18: a name of our own
    shell.told("organisation", "set", "--logo", "")
    assert shell.data("organisation", "show")["logo"] == ""


def test_a_logo_that_is_no_picture_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "logo.svg"
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    told = shell.refusal("organisation", "set", "--logo", file)
    assert "is no whole PNG, JPEG, GIF or WebP file" in told  # S18
    assert shell.pictures == []


def test_who_approves_a_tip_is_the_organisations_choice(shell: Shell) -> None:
    assert shell.data("organisation", "show")["writer_may_approve"] is True
    shell.told("organisation", "review", "--by-another", "--by", "bo@example.org")
    assert shell.data("organisation", "show")["writer_may_approve"] is False
    with shell.look() as session:
        entry = audit.newest(session)[0]
        assert (entry.action, entry.details) == ("organisation.review", {"writer_may_approve": False})
    shell.told("organisation", "review", "--by-anybody")
    assert shell.data("organisation", "show")["writer_may_approve"] is True
