"""The library of references: one source is one row, whatever way a file spells it; two sources stay two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.tips import Reference, ReferenceDraft
from newsletter_app.tips.library import address_key, address_of
from tests.factories.content import make_draft, make_notice

Cite = Callable[..., list[Reference]]
FIRST = ReferenceDraft(
    "Roy R. Steps. J Walk 2020;5:1-9.", doi="10.1000/a", pmid="7", url="https://x.example/a/"
)


@pytest.fixture
def cite(session: Session, now: datetime) -> Cite:
    """Give a function that saves a tip which cites these, and returns the rows it got."""
    notice = make_notice(session, now)

    def cite(number: int, *references: ReferenceDraft) -> list[Reference]:
        draft = make_draft(number, references=references)
        return tips.references_of(tips.save_draft(session, draft, notice=notice, now=now).tip)

    return cite


@pytest.mark.parametrize(
    "other",
    [
        ReferenceDraft("Roy, 2020. doi:10.1000/a", doi="10.1000/a"),
        ReferenceDraft("Roy, 2020. PMID: 7", pmid="7"),
        ReferenceDraft("Roy, 2020.", url="http://www.X.example/a?utm_source=mail#part"),
        ReferenceDraft("Roy, 2020.", pmid="7", url="https://elsewhere.example/b"),
        ReferenceDraft(FIRST.text),
    ],
)
def test_one_source_is_one_row(session: Session, cite: Cite, other: ReferenceDraft) -> None:
    (first,), (second,) = cite(1, FIRST), cite(2, other)
    assert second is first
    assert session.scalar(select(func.count()).select_from(Reference)) == 1
    assert first.text == FIRST.text, "a shared row keeps its words"


@pytest.mark.parametrize(
    "other",
    [
        ReferenceDraft("Roy R. Another. 2020.", doi="10.1000/b"),
        ReferenceDraft("Roy R. Another. 2020.", doi="10.1000/b", pmid="7"),
        ReferenceDraft("Roy R. Another. 2020.", doi="10.1000/a", pmid="8"),
        replace(FIRST, doi="10.1000/b"),
        ReferenceDraft("Roy R. Another. 2020.", url="https://x.example/a/b"),
        ReferenceDraft("Roy R. Another. 2020.", url="https://x.example/A"),
        ReferenceDraft("Roy R. Another. 2020.", url="https://x.example/a?page=2"),
    ],
)
def test_two_sources_stay_two(cite: Cite, other: ReferenceDraft) -> None:
    (first,), (second,) = cite(1, FIRST), cite(2, other)
    assert second is not first


def test_front_pages_are_no_source(cite: Cite) -> None:
    first = cite(1, ReferenceDraft("A. 2020.", url="https://x.example/"))
    assert cite(2, ReferenceDraft("B. 2021.", url="https://x.example")) != first


def test_a_row_grows_more_complete(cite: Cite) -> None:
    """What one tip knows of a source serves the others; the date seen is the latest."""
    (first,) = cite(1, ReferenceDraft("Roy R.", doi="10.1000/a", seen_on="2020-01-31"))
    cite(2, ReferenceDraft("Roy.", doi="10.1000/a", pmid="7", title="Steps", seen_on="2021-01-31"))
    cite(3, ReferenceDraft("Roy.", doi="10.1000/a", title="Other", seen_on="2019-01-31"))
    assert (first.text, first.pmid, first.title, first.seen_on) == ("Roy R.", "7", "Steps", date(2021, 1, 31))


def test_a_correction_counts_where_no_other_tip_cites(cite: Cite) -> None:
    (first,) = cite(1, FIRST)
    assert cite(1, replace(FIRST, text="Roy R. Steps!")) == [first]
    assert first.text == "Roy R. Steps!"
    cite(2, FIRST)
    cite(1, FIRST)
    assert first.text == "Roy R. Steps!"


def test_two_entries_of_one_list_keep_their_words(cite: Cite) -> None:
    """Two chapters of one book, say; saved again they find their own rows."""
    list_ = (replace(FIRST, text="Roy R. Steps. Chapter 1."), replace(FIRST, text="Roy R. Steps. Chapter 2."))
    rows = cite(1, *list_)
    assert [row.text for row in rows] == [entry.text for entry in list_]
    assert cite(1, *list_) == rows


def test_what_was_found_belongs_to_the_address(session: Session, cite: Cite, now: datetime) -> None:
    (first,) = cite(1, FIRST)
    first.checked_at, first.check_found = now, "404"
    cite(1, replace(FIRST, text="Roy R. Steps!"))
    assert first.check_found == "404"
    cite(1, replace(FIRST, doi=None, url="https://x.example/a"))
    assert (first.checked_at, first.check_found) == (None, None)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.X.example/a/", "x.example/a"),
        ("http://x.example/a?b=1&utm_medium=x#c", "x.example/a?b=1"),
        ("https://x.example/", None),
        ("https://x.example/?p=7", "x.example?p=7"),
        ("https://[x", None),
        (None, None),
    ],
)
def test_keys_of_addresses(url: str | None, key: str | None) -> None:
    assert address_key(url) == key


def test_where_a_source_is_found() -> None:
    assert address_of(Reference(text="x", doi="10.1/a", url="https://x.example/")) == "https://doi.org/10.1/a"
    assert address_of(Reference(text="x", pmid="7", url="https://x.example/a")) == "https://x.example/a"
    assert address_of(Reference(text="x", pmid="7")) == "https://pubmed.ncbi.nlm.nih.gov/7/"
    assert address_of(Reference(text="x")) is None
    assert tips.reference_html(Reference(text="Roy. PMID: 7", pmid="7")) == (
        'Roy. <a href="https://pubmed.ncbi.nlm.nih.gov/7/">PMID: 7</a>'
    )
    # A DOI that the text writes in capitals is linked in place, too.
    assert tips.reference_html(Reference(text="Roy. doi:10.1/AB.", doi="10.1/ab")) == (
        'Roy. <a href="https://doi.org/10.1/ab">doi:10.1/AB</a>.'
    )


def test_health_by_what_was_found() -> None:
    for found, health in {
        None: "unchecked", "200": "alive", "302": "alive", "404": "dead", "410": "dead",
        "name-unknown": "dead", "403": "unclear", "429": "unclear", "500": "unclear", "too-slow": "unclear",
    }.items():  # fmt: skip
        assert tips.health(found) == health


def test_links_are_due_longest_untried_first(session: Session, cite: Cite, now: datetime) -> None:
    rows = cite(
        1,
        ReferenceDraft("A.", doi="10.1/a"),
        ReferenceDraft("B.", url="https://x.example/b"),
        ReferenceDraft("C."),
        ReferenceDraft("D.", pmid="7"),
    )
    rows[0].checked_at, rows[3].checked_at = datetime(2026, 1, 1, tzinfo=UTC), now
    session.flush()
    due = tips.due_links(session, before=datetime(2026, 2, 1, tzinfo=UTC))
    assert [(link.address, link.follow) for link in due] == [
        ("https://x.example/b", True),
        ("https://doi.org/10.1/a", False),
    ]
    tips.record_check(session, due[0], "404", now)
    assert (rows[1].check_found, rows[1].checked_at) == ("404", now)
    tips.record_check(session, due[1]._replace(address="https://doi.org/10.1/old"), "404", now)
    assert rows[0].check_found is None
