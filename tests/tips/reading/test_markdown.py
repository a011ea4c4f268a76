"""Markdown tips: front matter by its keys, marks that must have references, faults with their lines."""

import pytest

from newsletter_app.tips.reading import Finding, ImageDraft, ImportFault, Unreadable, read_file
from tests.tips.reading.pages import MARKDOWN


def faults(text: str, name: str = "tip.md") -> tuple[ImportFault, ...]:
    with pytest.raises(Unreadable) as caught:
        read_file(name, text.encode(), "en")
    return caught.value.faults


def with_front(*lines: str, body: str = "Text.") -> str:
    return "\n".join(["---", *lines, "---", body, ""])


def test_a_whole_file():
    reading = read_file("07.en.md", MARKDOWN.encode(), "fr")
    draft = reading.draft
    assert (reading.left_out, reading.not_understood) == ((), ())
    assert (draft.number, draft.language, draft.title) == (7, "en", "Warm up slowly")
    assert draft.lead == "Cold muscles complain. Five quiet minutes help.[^1]"
    assert draft.body == "March on the spot.\n\n## If you use a cane\n\nHold a chair with one hand.[^2]"
    assert draft.disclaimer == "Ask before you begin if your heart is weak."
    assert draft.image == ImageDraft(
        path="chair.png",
        alt="A chair beside a wall",
        decorative=False,
        creator="Nerves & Me",
        source="",
        source_url="",
        licence="CC BY 4.0",
    )
    first, second = draft.references
    assert (first.authors, first.volume) == ("Doe J, Roe R", "3(2)")
    assert (second.authors, second.title, second.year) == (
        "Example Institute",
        "Does a warm-up help?",
        "2015",
    )
    assert second.url == "https://example.org/warm"
    assert (draft.notice, draft.slug, draft.related) == ("tips", "warm-up", (3, 5))
    assert (draft.reviewed_by, draft.reviewed_on) == ("Dr. Ann Example", "2026-03-01")


@pytest.mark.parametrize(
    ("front", "read"),
    [
        (["title: '#24 Walk more'"], (24, "Walk more")),
        (["number: 24", "title: 'Conseil 24 : Marchez'"], (24, "Marchez")),
        (["number: 5", "title: 'Tip 24: Walk more'"], (5, "Tip 24: Walk more")),
        (["title: 3 walks a day"], (None, "3 walks a day")),
    ],
)
def test_a_title_with_its_number_says_it_once(front: list[str], read: tuple[int | None, str]) -> None:
    """Else the page said "Tip 24: #24 Walk more", and its address 24-24-walk-more, for good."""
    draft = read_file("tip.md", with_front(*front, body="Lead.\n\nText.").encode(), "en").draft
    assert (draft.number, draft.title) == read


@pytest.mark.parametrize(
    ("lines", "topics"),
    [([], None), (["topics: []"], ()), (["topics: [feet, at-home]"], ("feet", "at-home"))],
)
def test_topics_are_said_or_left_alone(lines: list[str], topics: tuple[str, ...] | None):
    text = with_front("title: A", "review_due: 2027-03-01", *lines)
    draft = read_file("tip.md", text.encode(), "en").draft
    assert (draft.topics, draft.review_due) == (topics, "2027-03-01")


def test_markdown_without_front_matter():
    text = (
        "# Tip 9: Rest a little\n\nA lead.\n\n## When\n\nAfter lunch.[^1]\n\n"
        "## Talk to your doctor\n\nIf you are always tired.\n\n[^1]: Doe J. Rest. 2001.\n"
    )
    draft = read_file("rest.md", text.encode(), "en").draft
    assert (draft.number, draft.title, draft.lead) == (9, "Rest a little", "A lead.")
    assert draft.body == "## When\n\nAfter lunch.[^1]"
    assert draft.disclaimer == "If you are always tired."
    assert draft.references[0].year == "2001"


def test_front_matter_makes_any_file_markdown():
    assert read_file("pasted.txt", MARKDOWN.encode(), "en").draft.slug == "warm-up"


def test_words_that_yaml_takes_for_values_stay_words():
    draft = read_file("tip.md", with_front("title: No", "reviewed_by: 2020-01-01").encode(), "en").draft
    assert (draft.title, draft.reviewed_by) == ("No", "2020-01-01")


@pytest.mark.parametrize(
    ("value", "expected"), [("yes", True), ("true", True), ("oui", True), ("false", False)]
)
def test_a_decorative_picture(value: str, expected: bool):
    text = with_front("title: A", f"image: {{file: a.png, decorative: {value}}}")
    image = read_file("tip.md", text.encode(), "en").draft.image
    assert image is not None
    assert image.decorative is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_front("- a", "- b"), [ImportFault(2, "front-matter")]),
        (with_front("just words"), [ImportFault(2, "front-matter")]),
        (with_front("title: [a"), [ImportFault(2, "front-matter")]),
        (with_front("title: &a b", "lead: *a"), [ImportFault(3, "front-matter")]),
        (
            with_front("title: a", "headline: b", "img: c"),
            [ImportFault(3, "unknown-key"), ImportFault(4, "unknown-key")],
        ),
        (with_front("title: a", "title: b"), [ImportFault(3, "key-twice")]),
        (with_front("title: [a, b]"), [ImportFault(2, "wrong-value")]),
        (with_front("title: a", "number: seven"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "number: 0"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "language: de"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "related: [1, two]"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "related: 4"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "image: a.png"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "image:", "  width: 3"), [ImportFault(4, "unknown-key")]),
        (with_front("title: a", "image: {decorative: maybe}"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "image:", "  rights_until: next year"), [ImportFault(4, "wrong-value")]),
        (with_front("title: a", "image:", "  rights_until: 2026-02-30"), [ImportFault(4, "wrong-value")]),
        # S13: it becomes a link
        (
            with_front("title: a", "image:", "  source_url: javascript:alert(1)"),
            [ImportFault(4, "wrong-value")],
        ),
        (with_front("title: a", "references:", "  - year: 1999"), [ImportFault(4, "wrong-value")]),
        (with_front("title: a", "reviewed_on: 2026-02-30"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "review_due: soon"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "topics: [feet, Two Words]"), [ImportFault(3, "wrong-value")]),
        (with_front("title: a", "topics: feet"), [ImportFault(3, "wrong-value")]),
        # PostgreSQL would end the whole import at it.
        (with_front("title: a", f"reviewed_by: {'x' * 121}"), [ImportFault(3, "value-too-long")]),
        (with_front("title: a", "image:", f"  creator: {'x' * 121}"), [ImportFault(4, "value-too-long")]),
        (
            with_front("title: a", "references:", "  - {text: b, year: 20261}"),
            [ImportFault(4, "value-too-long")],
        ),
        # What a file is refused for is not let in by being spelled.
        (
            with_front(r'title: "a\0b"', r'lead: "\uD800"'),
            [ImportFault(n, "control-character") for n in (2, 3)],
        ),
        (with_front("lead: a"), [ImportFault(1, "no-title")]),
        (with_front("title: a", body="# b"), [ImportFault(4, "two-titles")]),
        ("# a\n\ntext\n\n# b\n", [ImportFault(5, "two-titles")]),
        ("Some text only.\n", [ImportFault(1, "no-title")]),
        (
            with_front("title: a", body="One.[^1]\n\nTwo.[^2]"),
            [ImportFault(4, "mark-without-reference"), ImportFault(6, "mark-without-reference")],
        ),
        (with_front("title: a", "lead: b [^1]"), [ImportFault(3, "mark-without-reference")]),
        ("# a\n\nb [^1]\n\n[^1]: c\n[^3]: d\n", [ImportFault(6, "reference-gap")]),
        ("# a\n\nb [^1]\n\n[^1]: c\n[^1]: d\n", [ImportFault(6, "reference-twice")]),
        ("# a\n\nb\n\n[^x]: c\n", [ImportFault(5, "wrong-value")]),
        (with_front("title: a", "references: [b]", body="[^1]: c"), [ImportFault(5, "references-twice")]),
        (
            with_front("title: a", "disclaimer: b", body="## Consult your doctor\n\nText."),
            [ImportFault(6, "disclaimer-twice")],
        ),
    ],
)
def test_faults_stand_at_their_lines(text: str, expected: list[ImportFault]):
    assert list(faults(text)) == expected


def test_the_name_and_the_front_matter_must_agree_on_the_language():
    text = with_front("title: a", "language: fr")
    assert faults(text, "07.en.md") == (ImportFault(3, "language-differs"),)
    assert read_file("07.fr.md", text.encode(), "en").draft.language == "fr"


def test_what_a_tip_would_not_show_as_meant_is_reported():
    text = with_front("title: a", body="Lead.\n\n<b>Bold</b>\n\n![x](y.png)\n\nOld heading\n---\n\nText.")
    reading = read_file("tip.md", text.encode(), "en")
    assert reading.not_understood == (
        Finding(6, "html", "<b>Bold</b>"),
        Finding(8, "image-in-text", "![x](y.png)"),
        Finding(11, "heading-underlined", "---"),
    )


def test_a_reference_that_nothing_cites_is_reported():
    text = with_front("title: a", "references:", "  - Doe J. 2001.")
    assert read_file("tip.md", text.encode(), "en").not_understood == (
        Finding(4, "reference-not-cited", "Doe J. 2001."),
    )


def test_code_between_fences_is_left_alone():
    text = "# a\n\nLead.\n\n```\n# not a title\n```\n"
    assert "# not a title" in read_file("tip.md", text.encode(), "en").draft.body


@pytest.mark.parametrize(
    ("written", "read"), [("2026-12-31", "2026-12-31"), ('"2026-12-31"', "2026-12-31"), ("~", None)]
)
def test_until_when_a_picture_may_be_shown(written: str, read: str | None) -> None:
    text = with_front("title: A", "image:", "  file: a.png", f"  rights_until: {written}")
    image = read_file("tip.md", text.encode(), "en").draft.image
    assert image is not None
    assert image.rights_until == read
