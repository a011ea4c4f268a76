"""``flask organisation``: what is given is set, the rest stays, and what the law asks for is told."""

from __future__ import annotations

import pytest

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
