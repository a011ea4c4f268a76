"""``flask notices``: one is added whole, in both languages; the list is data too."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from newsletter_app import audit, notices, tips
from tests.cli.conftest import Shell
from tests.factories import content

WORDS = {
    "--name-en": "Our news",
    "--name-fr": "Nos nouvelles",
    "--sentence-en": "What gifts do.",
    "--sentence-fr": "Ce que font les dons.",
    "--how-often-en": "four times a year",
    "--how-often-fr": "quatre fois par année",
}


def typed(**changes: str) -> list[str]:
    """Return the options of a whole notice, some changed (an option without its words is left out)."""
    given = WORDS | {f"--{name.replace('_', '-')}": text for name, text in changes.items()}
    return [part for option, text in given.items() if text != "—" for part in (option, text)]


def test_adding_one(shell: Shell) -> None:
    told = shell.told(
        "notices", "add", "news", *typed(), "--numbered", "--needs-references", "--by", "bo@example.org"
    )
    assert told == "The notice news is offered now.\n"
    with shell.look() as session:
        notice = notices.find_by_key(session, "news")
        assert notice is not None
        assert (notice.numbered, notice.needs_references, notice.needs_disclaimer) == (True, True, False)
        assert notice.side("fr").how_often == "quatre fois par année"
        assert audit.newest(session)[0].subject == "notice:news"


def test_a_series_is_offered_and_taken_back(shell: Shell) -> None:
    """Only where tips have numbers; what is said of it in the list follows."""
    told = shell.told("notices", "set", "tips", "--offers-series", "--by", "bo@example.org")
    assert told == "Readers of tips can begin with tip 1.\n"
    assert [row["offers_series"] for row in shell.data("notices", "list")] == [True, False]
    assert "numbered, also from tip 1, 0 sent" in shell.told("notices", "list")
    with shell.look() as session:
        assert audit.newest(session)[0].action == "notice.series-offered"
    told = shell.told("notices", "set", "tips", "--offers-no-series")
    assert told == "Readers of tips can begin with tip 1 no more; who has begun goes on.\n"
    assert [row["offers_series"] for row in shell.data("notices", "list")] == [False, False]
    assert "no numbers" in shell.refusal("notices", "set", "events", "--offers-series")
    assert "There is no notice mews" in shell.refusal("notices", "set", "mews", "--offers-series")
    assert "no numbers" in shell.refusal("notices", "add", "news", *typed(), "--offers-series")
    shell.told("notices", "add", "news", *typed(), "--numbered", "--offers-series")
    assert [row["offers_series"] for row in shell.data("notices", "list")] == [False, False, True]


def test_the_list_is_data(shell: Shell) -> None:
    shell.told("notices", "add", "news", *typed())
    rows = shell.data("notices", "list")
    assert [(row["key"], row["numbered"], row["sent"]) for row in rows] == [
        ("tips", True, 0),
        ("events", False, 0),
        ("news", False, 0),
    ]
    assert rows[2]["fr"] == {
        "name": "Nos nouvelles",
        "sentence": "Ce que font les dons.",
        "how_often": "quatre fois par année",
        "disclaimer": "",
    }


def test_the_list_for_people(shell: Shell) -> None:
    assert shell.told("notices", "list").splitlines() == [
        "tips  Health tips / Conseils santé  numbered, 0 sent",
        "events  Events and groups / Activités et entraide  without numbers, 0 sent",
    ]


def test_no_notice_yet(empty: Shell) -> None:
    assert empty.data("notices", "list") == []
    assert empty.told("notices", "list") == "There is no notice yet; see flask notices add --help.\n"


@pytest.mark.parametrize(
    ("key", "changes", "told"),
    [
        ("tips", {}, "There is a notice tips already. Take another key"),
        ("Our News", {}, "a key begins with a small letter"),
        ("x" * 41, {}, "at most 40"),
        ("news", {"name_fr": "—"}, "Missing option '--name-fr'"),
        ("news", {"sentence_en": " "}, "cannot be empty"),
    ],
)
def test_refusals_change_nothing(shell: Shell, key: str, changes: dict[str, str], told: str) -> None:
    before = shell.data("notices", "list")
    assert told in shell.refusal("notices", "add", key, *typed(**changes))
    assert shell.data("notices", "list") == before


def test_one_disclaimer_under_every_tip(shell: Shell, now: datetime, tmp_path: Path) -> None:
    """Tips that stand get it, later ones bear it; the same text is known again, another is told of."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        content.make_tip(session, notice, 1, now)
    texts = (
        "--text-en",
        "Ask your doctor first.",
        "--text-fr",
        "Parlez-en d'abord à votre médecin.",
    )
    told = shell.told("notices", "disclaimer", "tips", *texts)
    assert told == "Every tip of tips bears this disclaimer now. Sides that had another: 1.\n"
    assert disclaimers(shell, 1) == [texts[1], texts[3]]
    page = '---\nlanguage: {0}\nnumber: 2\nreferences: [A]\ndisclaimer: "{1}"\n---\n# T\n\nLead.[^1]\n\nMore.'
    for given, expected in (
        ("Ask your\n  doctor first.", "Its disclaimer is the one of its notice."),
        ("Take two pills.", "The file's disclaimer was left out"),
        ("", "Its disclaimer is the one of its notice."),
    ):
        (tmp_path / "2.md").write_text(page.format("en", given))
        assert expected in shell.told("tips", "import", tmp_path / "2.md", "--notice", "tips"), given
        assert disclaimers(shell, 2) == [texts[1]]
    shell.told("notices", "disclaimer", "tips", "--unlock")
    (tmp_path / "2.md").write_text(page.format("en", "Take two pills."))
    shell.told("tips", "import", tmp_path / "2.md", "--notice", "tips")
    assert disclaimers(shell, 2) == ["Take two pills."]


@pytest.mark.parametrize("options", ["", "--text-en A", "--unlock --text-en A --text-fr B"])
def test_a_disclaimer_has_both_languages(shell: Shell, options: str) -> None:
    assert "Give --text-en and --text-fr" in shell.refusal("notices", "disclaimer", "tips", *options.split())


def disclaimers(shell: Shell, number: int) -> list[str]:
    with shell.look() as session:
        tip = tips.find_by_number(session, number)
        assert tip is not None
        return [side.disclaimer for side in sorted(tip.sides, key=lambda side: side.language)]
