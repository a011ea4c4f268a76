"""What differs between two texts: every word of both is told, and nothing else."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter_app.tips.writing import Piece, compare
from newsletter_app.tips.writing.comparing import paragraphs

TEXTS = st.lists(st.text("ab \n", max_size=12), max_size=5).map("\n\n".join)


@given(TEXTS, TEXTS)
@example("", "a")
@example("a b\n\nc", "c")
def test_each_text_can_be_read_out_of_the_comparison(older: str, newer: str) -> None:
    """Without what is new it is the older text, without what is gone the newer one."""
    found = compare(older, newer)
    for left_out, text in (("new", older), ("gone", newer)):
        told = ["".join(one.text for one in each.pieces if one.what != left_out) for each in found]
        # A paragraph of the other text alone leaves nothing, not even blanks between words.
        whole = [each for each in found if any(piece.what != left_out for piece in each.pieces)]
        assert len(whole) <= len(told)
        assert [part for part in told if part] == paragraphs(text)


@given(TEXTS)
def test_the_same_text_has_no_changes(text: str) -> None:
    """Nothing is said to differ from itself."""
    assert not any(each.is_changed for each in compare(text, text))


def test_words_are_told_one_by_one() -> None:
    """A reader of the comparison sees the word, and not that a paragraph differs somewhere."""
    (paragraph,) = compare("Walk ten minutes.", "Walk twenty minutes.")
    assert paragraph.pieces == (
        *(Piece("same", "Walk "), Piece("gone", "ten"), Piece("new", "twenty"), Piece("same", " minutes.")),
    )


def test_very_long_paragraphs_are_compared_whole() -> None:
    """Matching tens of thousands of words would take seconds of everybody's (S35)."""
    older, newer = "a b " * 4_000, "b a " * 4_000
    assert [piece.what for piece in compare(older, newer)[0].pieces] == ["gone", "new"]
