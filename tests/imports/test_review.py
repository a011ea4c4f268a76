"""The review: exact when it comes back untouched, exact when it was edited, and refused by its line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.imports import Entry, read_review, write_review
from newsletter_app.tips import ImageDraft, ReferenceDraft, TipDraft, Unreadable

# What a draft can hold: no edges of white space, no control characters, and neither YAML's own breaks.
TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"], exclude_characters="\u2028\u2029\ufeff"),
    max_size=200,
).map(str.strip)
LINES = st.lists(TEXT, max_size=4).map("\n\n".join).map(str.strip)
SHORT = TEXT.map(lambda text: text[:40].strip())
MAYBE = st.none() | SHORT.filter(bool)
IMAGES = st.builds(
    ImageDraft, path=SHORT, alt=SHORT, decorative=st.booleans(), creator=SHORT, source=SHORT,
    source_url=st.sampled_from(["", "https://x.example/a"]), licence=SHORT,
    rights_until=st.sampled_from([None, "2031-12-31"]),
)  # fmt: skip
REFERENCES = st.builds(
    ReferenceDraft, text=TEXT.filter(bool), authors=MAYBE, title=MAYBE, source=MAYBE, volume=MAYBE,
    pages=MAYBE,
    year=st.sampled_from([None, "2020"]), doi=MAYBE, pmid=st.sampled_from([None, "0123"]),
    url=st.sampled_from([None, "http://x.example/"]), seen_on=st.sampled_from([None, "2020-01-31"]),
)  # fmt: skip
DRAFTS = st.builds(
    TipDraft, number=st.none() | st.integers(1, 99_999), language=st.sampled_from(["en", "fr"]),
    title=SHORT.filter(bool), lead=LINES, body=LINES, disclaimer=LINES, image=st.none() | IMAGES,
    references=st.lists(REFERENCES, max_size=3).map(tuple), notice=MAYBE, slug=MAYBE, reviewed_by=MAYBE,
    reviewed_on=st.sampled_from([None, "2020-01-31"]), review_due=st.sampled_from([None, "2027-01-31"]),
    topics=st.none() | st.lists(st.sampled_from(["feet", "sleep"]), max_size=2, unique=True).map(tuple),
    related=st.lists(st.integers(1, 99), max_size=3).map(tuple),
)  # fmt: skip

WHOLE: dict[str, Any] = {
    "number": 7, "language": "en", "title": "Warm up", "lead": "A lead.", "body": "## Why\n\nIt helps.[^1]",
    "disclaimer": "", "image": None, "references": (ReferenceDraft("Roy R. 2020."),),
}  # fmt: skip


def written(**changes: Any) -> str:
    return write_review(
        [Entry(TipDraft(**(WHOLE | changes)), "/a.html", told={"left_out": ["x: the menu"]})], head="h"
    )


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(Unreadable) as refused:
        read_review(text.encode())
    return [(fault.line, fault.code) for fault in refused.value.faults]


@given(st.lists(DRAFTS, max_size=3))
def test_what_was_written_comes_back(drafts: list[TipDraft]) -> None:
    entries = [
        Entry(draft, "/a.xml", "m.html", "post 1", "pll_1", "2020-01-31T10:00:00+00:00") for draft in drafts
    ]
    assert read_review(write_review(entries, head="A head.").encode()) == entries


def test_it_is_made_for_people() -> None:
    assert written() == (
        "# h\n\n\n- from: /a.html\n  left_out:\n  - 'x: the menu'\n  number: 7\n  language: en\n"
        "  title: Warm up\n"
        "  lead: A lead.\n  body: |-\n    ## Why\n\n    It helps.[^1]\n  disclaimer: ''\n"
        "  references:\n  - text: Roy R. 2020.\n"
    )


def test_what_somebody_edited_is_what_counts() -> None:
    text = written().replace("title: Warm up", "title: No").replace("number: 7", "number: 8 # was 7")
    (entry,) = read_review(text.replace("It helps.", "It helps: really.").encode())
    assert (entry.draft.title, entry.draft.number) == ("No", 8)
    assert entry.draft.body == "## Why\n\nIt helps: really.[^1]"
    assert read_review(b"[]") == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("number: 7", "number: seven", "wrong-value"),
        ("number: 7", "number: 123456", "wrong-value"),
        ("language: en", "language: de", "wrong-value"),
        ("title: Warm up", "titel: Warm up", "unknown-key"),
        ("title: Warm up", "title: Warm up\n  title: x", "key-twice"),
        ("title: Warm up", "title: [a]", "wrong-value"),
        ("title: Warm up", f"title: {'x' * 201}", "value-too-long"),
        ("title: Warm up", 'title: "a\\0b"', "control-character"),
        ("title: Warm up", "title: 'a", "review"),
        ("title: Warm up", "title: &a [*a]", "review"),
        ("text: Roy R. 2020.", "url: https://x.example/", "wrong-value"),
        ("text: Roy R. 2020.", "text: x\n    url: javascript:alert(1)", "wrong-value"),
        ("text: Roy R. 2020.", "text: x\n    seen_on: yesterday", "wrong-value"),
        ("disclaimer: ''", "image: {source_url: 'javascript:alert(1)'}", "wrong-value"),
        ("disclaimer: ''", "image: {decorative: perhaps}", "wrong-value"),
        ("disclaimer: ''", "image: x", "wrong-value"),
    ],
)  # fmt: skip
def test_faults_stand_at_their_lines(old: str, new: str, code: str) -> None:  # S13
    found = faults(written().replace(old, new))
    lines = written().replace(old, new).splitlines()
    assert code in [fault[1] for fault in found]
    assert all(1 <= line <= len(lines) + 1 for line, _code in found)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x: y", "review"),
        (b"\xff", "not-text"),
        (b"- x", "wrong-value"),
        (b"- {}", "no-title"),
        (b"[" * 50_000, "review"),
        (b"x" * 20_000_001, "too-long"),
        (b"", "review"),
    ],
)
def test_what_is_no_review(content: bytes, code: str) -> None:  # S18
    with pytest.raises(Unreadable, match=code):
        read_review(content)


def test_aliases_and_depth_are_refused() -> None:  # S18
    """A page of aliases may hold a hundred million titles; a page of brackets takes libyaml down."""
    assert faults("- &a {title: x}\n- *a\n") == [(2, "review")]
    assert faults("- [[[[[[[x]]]]]]]\n") == [(1, "review")]
