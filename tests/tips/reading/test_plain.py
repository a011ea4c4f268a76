"""Pasted pages: what is recognised, what is left out, what is reported, what is refused."""

import pytest

from newsletter_app.tips.reading import Finding, ImportFault, Reading, Unreadable, read_file
from tests.tips.reading.pages import ENGLISH, FRENCH


def read(text: str, default_language: str = "en") -> Reading:
    return read_file("page.txt", text.encode(), default_language)


def refused(text: str) -> tuple[ImportFault, ...]:
    with pytest.raises(Unreadable) as caught:
        read(text)
    return caught.value.faults


def page(*paragraphs: str) -> str:
    return "\n\n".join(["Tip 5: Sit down", "The lead.", "", *paragraphs])


def codes(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in findings]


def test_an_english_page_is_read_whole():
    reading = read(ENGLISH)
    draft = reading.draft
    assert (draft.number, draft.language, draft.title) == (7, "en", "Warm Up Slowly")
    assert draft.lead.startswith("Cold muscles complain. Five")
    assert draft.lead.endswith("for the day.")
    untitled, titled = draft.body.split("## If you use a cane")
    assert untitled.strip() == (
        "In one small study, older people who warmed up first said that walking felt easier.[^1]\n\n"
        "March on the spot. Roll your shoulders. Then go, and stop when it hurts."
    )
    assert titled.strip() == (
        "Stand behind a chair: hold its back with one hand. A stable chair lowers the risk of a fall.[^2]\n\n"
        "Change hands after ten steps."
    )
    assert draft.disclaimer.startswith("Ask before you begin")
    assert draft.disclaimer.endswith("think you can do.")
    assert draft.image is not None
    assert (draft.image.alt, draft.image.creator, draft.image.source) == (
        "Woman in a blue coat marching on the spot",
        "Rosehip",
        "Pexels",
    )
    assert [reference.year for reference in draft.references] == ["2015", "2012"]
    assert reading.not_understood == ()
    assert [finding.code for finding in reading.left_out] == [
        "postal-address",
        "food-for-thought",
        "appeal",
        "share",
        "subscribe",
        "choose-notices",
        "skip-link",
    ]


def test_a_french_page_is_read_whole():
    reading = read(FRENCH)
    draft = reading.draft
    assert (draft.number, draft.language, draft.title) == (7, "fr", "Échauffez-vous doucement")
    assert draft.body.count("## ") == 1
    assert "## Si vous avez une canne" in draft.body
    assert [draft.body.count(mark) for mark in ("[^1]", "[^2]")] == [1, 1]
    assert draft.disclaimer == "Demandez avant de commencer si votre cœur est faible."
    assert draft.image is not None
    assert (draft.image.creator, draft.image.source) == ("Rosehip", "Pexels")
    assert len(draft.references) == 2
    assert reading.not_understood == ()
    assert [finding.code for finding in reading.left_out] == [
        "skip-link",
        "postal-address",
        "food-for-thought",
        "appeal",
        "share",
        "subscribe",
        "choose-notices",
    ]


@pytest.mark.parametrize(
    ("line", "number", "title"),
    [
        ("#24 Stand Up Straight", 24, "Stand Up Straight"),
        ("# 24 Stand up", 24, "Stand up"),
        ("Tip 24: Stand up", 24, "Stand up"),
        ("Health tip #24 – Stand up", 24, "Stand up"),
        ("Conseil 24 : Tenez-vous droit", 24, "Tenez-vous droit"),
        ("Conseil n° 24 : Tenez-vous droit", 24, "Tenez-vous droit"),
        ("24. Stand up", 24, "Stand up"),
        ("Stand up", None, "Stand up"),
        ("Can you stand up?", None, "Can you stand up?"),
    ],
)
def test_titles(line: str, number: int | None, title: str):
    draft = read(f"{line}\n\nA lead with a full stop.\n").draft
    assert (draft.number, draft.title, draft.lead) == (number, title, "A lead with a full stop.")


def test_lines_before_a_named_title_are_reported():
    reading = read("Home page\n\nTip 5: Sit down\n\nThe lead.\n")
    assert reading.draft.title == "Sit down"
    assert codes(reading.not_understood) == [(1, "before-the-title")]


def test_the_same_title_again_is_left_out():
    reading = read("Tip 5: Sit down\n\nTip 5: Sit down\n\nThe lead.\n")
    assert codes(reading.left_out) == [(3, "title-again")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ImportFault(1, "no-title")),
        ("Skip to content\n\n\n", ImportFault(1, "no-title")),
        ("\nThis is a sentence, not a title.\n", ImportFault(2, "no-title")),
        ("Tip 5: Sit down\n\nThe lead.\n\nTip 6: Stand up\n\nText.\n", ImportFault(5, "two-titles")),
        (page("References", "1. Doe J. 2001.\n3. Roe R. 2002."), ImportFault(10, "reference-gap")),
        (page("References", "1. Doe J. 2001.\n1. Roe R. 2002."), ImportFault(10, "reference-twice")),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_line(text: str, fault: ImportFault):
    assert refused(text) == (fault,)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It helps. (1)", "It helps.[^1]"),
        ("It helps (1).", "It helps[^1]."),
        ("It helps. (1) (2)", "It helps.[^1][^2]"),
        ("It helps (1, 2).", "It helps[^1][^2]."),
        ("It helps (1-2).", "It helps[^1][^2]."),
        ("It helps [2] a lot.", "It helps[^2] a lot."),
        ("It helps.[1]", "It helps.[^1]"),
        ("It was shown (2019).", "It was shown (2019)."),
        ("Some (70%) said so.", "Some (70%) said so."),
    ],
)
def test_citation_marks(sentence: str, expected: str):
    reading = read(page(sentence, "References", "1. Doe J. 2001.\n2. Roe R. 2002."))
    assert reading.draft.body == expected
    assert [f for f in reading.not_understood if f.code == "mark-without-reference"] == []


@pytest.mark.parametrize(
    ("sentence", "mark"),
    [("It helps (3).", "(3)"), ("Take two (2) pills.", "(2)"), ("It helps (1) (7).", "(1) (7)")],
)
def test_a_bracket_that_cites_nothing_stays_text_and_is_reported(sentence: str, mark: str):
    reading = read(page(sentence, "More. (1) (2)", "References", "1. Doe J. 2001.\n2. Roe R. 2002."))
    assert reading.draft.body.startswith(sentence)
    assert reading.not_understood == (Finding(7, "mark-without-reference", mark),)


def test_a_reference_that_nothing_cites_is_reported():
    reading = read(page("It helps.", "References", "1. Doe J. 2001."))
    assert reading.not_understood == (Finding(11, "reference-not-cited", "Doe J. 2001."),)


def test_references_may_run_over_several_lines_and_blank_lines():
    reading = read(page("So. (1) (2)", "References:", "1. Doe J. A very\nlong one. 2001.", "2. Roe R. 2002."))
    assert [reference.text for reference in reading.draft.references] == [
        "Doe J. A very long one. 2001.",
        "Roe R. 2002.",
    ]


def test_references_without_numbers_count_by_their_order():
    reading = read(page("So. (1) (2)", "Sources", "Doe J. Sitting. 2001.\nRoe R. Standing. 2002."))
    assert [reference.year for reference in reading.draft.references] == ["2001", "2002"]


def test_a_section_after_the_references_belongs_to_the_tip():
    reading = read(page("So. (1)", "1. Doe J. 2001.", "Ask your doctor", "Always ask first."))
    assert reading.draft.disclaimer == "Always ask first."
    assert len(reading.draft.references) == 1


def test_lists_stay_lists():
    reading = read(page("1. Sit down.\n2. Breathe out.", "• One chair\n• One wall"))
    assert reading.draft.body == "1. Sit down.\n2. Breathe out.\n\n- One chair\n- One wall"
    assert reading.draft.references == ()


def test_a_short_line_that_nothing_follows_is_reported_and_not_in_the_draft():
    reading = read(page("Text here.", "Advertisement"))
    assert reading.draft.body == "Text here."
    assert reading.not_understood == (Finding(9, "loose-line", "Advertisement"),)


def test_characters_of_markdown_are_shown_as_they_are():
    reading = read(page("Use *this* <b>now</b> [here] at 5_6 &amp; so.", "# not a heading, but a sentence."))
    assert reading.draft.body == (
        "Use \\*this\\* \\<b>now\\</b> \\[here\\] at 5\\_6 \\&amp; so.\n\n\\# not a heading, but a sentence."
    )


def test_related_tips_under_food_for_thought_are_read_and_the_rest_after_the_tip_is_reported():
    text = page(
        "Body.", "Food for thought...", "#3 Eat well\n#9 Sleep", "We can't do it alone", "Please give."
    )
    reading = read(text + "\n\nShare this article\n\nSomething else entirely.\n")
    assert reading.draft.related == (3, 9)
    assert [finding.code for finding in reading.left_out] == [
        "food-for-thought",
        "related",
        "related",
        "appeal",
        "appeal",
        "share",
    ]
    assert [finding.code for finding in reading.not_understood] == ["after-the-tip"]


@pytest.mark.parametrize(
    ("credit", "creator", "source", "licence"),
    [
        ("Image Source: Rosehip from Pexels", "Rosehip", "Pexels", ""),
        ("Photo by Ann Example on Unsplash", "Ann Example", "Unsplash", ""),
        ("Photo: Ann Example", "Ann Example", "", ""),
        ("Image: Nerves & Me, CC BY 4.0", "Nerves & Me", "", "CC BY 4.0"),
        ("Crédit photo : Anne de Grâce sur Pexels", "Anne de Grâce", "Pexels", ""),
    ],
)
def test_image_credits(credit: str, creator: str, source: str, licence: str):
    image = read(page("Body.", f"A red chair\n{credit}", "More.")).draft.image
    assert image is not None
    assert (image.alt, image.creator, image.source, image.licence) == (
        "A red chair",
        creator,
        source,
        licence,
    )


def test_an_image_without_words_and_a_second_image_are_reported():
    reading = read(page("Body.", "Image: Ann", "More.", "A chair\nImage: Bob"))
    assert reading.draft.image is not None
    assert reading.draft.image.alt == ""
    assert codes(reading.not_understood) == [
        (9, "image-without-alt"),
        (13, "loose-line"),
        (14, "second-image"),
    ]


def test_the_lead_is_the_first_paragraph_when_no_double_blank_line_parts_it():
    draft = read("Tip 5: Sit down\n\nThe lead.\n\nOne.\n\nTwo.\n").draft
    assert (draft.lead, draft.body) == ("The lead.", "One.\n\nTwo.")


def test_a_lead_of_two_paragraphs_ends_at_the_double_blank_line():
    draft = read("Tip 5: Sit down\n\nThe lead.\n\nOne.\n\n\nTwo.\n").draft
    assert (draft.lead, draft.body) == ("The lead.\n\nOne.", "Two.")


@pytest.mark.parametrize("default_language", ["en", "fr"])
def test_the_default_language_decides_only_when_the_words_do_not(default_language: str):
    assert read("Tip 5: Yoga\n\nYoga!\n", default_language).draft.language == default_language
    assert read(FRENCH, default_language).draft.language == "fr"
    assert read_file("page.en.txt", FRENCH.encode(), default_language).draft.language == "en"
