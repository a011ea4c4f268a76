"""The sample content: every file is read without a finding, says the same in both languages, reads easily."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from PIL import Image

from newsletter_app import sample
from newsletter_app.tips.reading import TipDraft, read_file

FOLDER = Path(sample.__file__).parent
STEMS = sorted({f"{path.parent.name}/{path.name.split('.')[0]}" for path in FOLDER.glob("*/*.md")})
TIPS = [stem for stem in STEMS if stem.startswith("tips/")]
SIDES = [(stem, language) for stem in STEMS for language in ("en", "fr")]
MARK = re.compile(r"\[\^(\d+)\]")


def draft(stem: str, language: str) -> TipDraft:
    path = FOLDER / f"{stem}.{language}.md"
    reading = read_file(path.name, path.read_bytes(), "en")
    assert (reading.left_out, reading.not_understood) == ((), ())
    return reading.draft


def words_of(side: TipDraft) -> str:
    """All that a person reads of a side but its references."""
    alt = side.image.alt if side.image else ""
    return "\n".join([side.title, side.lead, side.body, side.disclaimer, alt])


def sentences(text: str) -> list[str]:
    prose = MARK.sub("", re.sub(r"(?m)^## .*$", "", text))
    parts = re.split(r"(?<=[.!?])[»”]?\s+|\n+", prose)
    return [part for part in parts if re.search(r"\w", part)]


def load(name: str):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def test_there_is_enough_of_everything():
    assert [draft(stem, "en").number for stem in TIPS] == list(range(1, 11))
    for kind in ("events", "news"):
        assert len([stem for stem in STEMS if stem.startswith(f"{kind}/")]) >= 2


@pytest.mark.parametrize("stem", STEMS)
def test_both_sides_say_the_same(stem: str):
    english, french = draft(stem, "en"), draft(stem, "fr")
    assert (english.language, french.language) == ("en", "fr")
    assert (english.number, english.notice, english.related) == (french.number, french.notice, french.related)
    assert english.topics == french.topics
    for mark in (r"(?m)^## ", r"(?m)^- ", r"(?m)^\d+\. "):
        assert len(re.findall(mark, english.body)) == len(re.findall(mark, french.body))
    assert MARK.findall(english.body) == MARK.findall(french.body)
    assert english.references == french.references
    assert (english.image is None) == (french.image is None)


@pytest.mark.parametrize(
    ("stem", "language"), [(stem, language) for stem in TIPS for language in ("en", "fr")]
)
def test_a_tip_is_whole(stem: str, language: str):
    side = draft(stem, language)
    assert side.number == int(stem.split("/")[1])
    assert side.notice == "tips"
    assert 200 <= len(re.findall(r"\w[\w’-]*", side.lead + " " + side.body)) <= 350
    assert 2 <= side.body.count("## ") <= 5
    assert 1 <= len(sentences(side.lead)) <= 2
    assert side.disclaimer
    assert side.references
    assert set(side.related) <= set(range(1, 11)) - {side.number}
    assert side.image is not None
    assert (side.image.alt != "", side.image.decorative) == (True, False)
    assert side.image.licence == "CC BY 4.0"
    assert side.image.creator == load("organisation.yaml")[language]["name"]


@pytest.mark.parametrize(("stem", "language"), SIDES)
def test_sentences_are_short(stem: str, language: str):
    side = draft(stem, language)
    lengths = [
        len(sentence.split()) for sentence in sentences("\n".join([side.lead, side.body, side.disclaimer]))
    ]
    assert sum(lengths) / len(lengths) <= 15
    assert max(lengths) <= 30


FRENCH_SLIPS = {
    "an apostrophe or quote of a typewriter": r"['\"“”]",
    "a space before ? ! ;": r"\s[?!;]",
    "no no-break space before a colon": r"(?<!\u00a0):",
    "no no-break space inside « »": r"«(?!\u00a0)|(?<!\u00a0)»",
    "a breaking space before % or °C": r" [%°]",
    "« e-mail » or another word that is not used": r"\b(?:e-?mail|newsletter|astuce|n°)\b",
}
ENGLISH_SLIPS = {
    "an apostrophe or quote of a typewriter": r"['\"]",
    "a space before punctuation": r"\s[?!;:,%]",
}


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize(
    ("language", "slip"),
    [*(("fr", slip) for slip in FRENCH_SLIPS), *(("en", slip) for slip in ENGLISH_SLIPS)],
)
def test_typography(stem: str, language: str, slip: str):
    pattern = {"fr": FRENCH_SLIPS, "en": ENGLISH_SLIPS}[language][slip]
    assert (
        re.findall(f".{{0,20}}(?:{pattern}).{{0,20}}", words_of(draft(stem, language)), re.IGNORECASE) == []
    )


@pytest.mark.parametrize("stem", TIPS)
def test_pictures_are_there_and_small(stem: str):
    side = draft(stem, "en")
    assert side.image is not None
    path = (FOLDER / "tips" / side.image.path).resolve()
    assert path.parent == FOLDER / "images"
    assert path.stat().st_size <= 60 * 1024
    with Image.open(path) as picture:
        assert picture.size == (1200, 750)


def test_organisation_and_notices_are_complete():
    organisation = load("organisation.yaml")
    for language in ("en", "fr"):
        assert set(organisation[language]) == {"name", "appeal", "postal_address"}
        assert all(organisation[language].values())
    assert ZoneInfo(organisation["time_zone"])
    notices = load("notices.yaml")
    assert [notice["key"] for notice in notices] == ["tips", "events", "news"]
    for notice in notices:
        for language in ("en", "fr"):
            assert set(notice[language]) == {"name", "sentence", "how_often"}
            assert all(notice[language].values())


def test_the_schedule_names_every_item_once():
    schedule = load("schedule.yaml")
    numbers = [
        *schedule["sent"],
        *(soon["number"] for soon in schedule["soon"]),
        *schedule["weekly"]["numbers"],
    ]
    assert numbers == list(range(1, 11))
    assert sorted(schedule["on_the_web"]) == [stem for stem in STEMS if stem not in TIPS]
