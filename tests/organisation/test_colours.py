"""Colours: the contrast of WCAG, and that nothing faint is ever taken."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter_app.kernel.errors import Breach
from newsletter_app.organisation import contrast, pairs, palette
from newsletter_app.organisation.colours import COMFORT, PAPERS, colour, refuse_faint

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#FFFFFF", "#FFFFFF", 1.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#767676", "#FFFFFF", 4.54),
        ("#FF0000", "#FFFFFF", 4.0),
        ("#0B4A40", "#FBF8F1", 9.58),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_the_house_colours_hold() -> None:
    refuse_faint(palette())
    assert min(pair.ratio for pair in pairs(palette())) > 7  # A2


@given(COLOURS, st.one_of(st.just(""), COLOURS), COLOURS)
@example("#0B4A40", "", "#777777")
@example("#000000", "", "#FFFFFF")
@example("#FFFFFF", "#FFFFFF", "#808080")
def test_what_is_taken_can_be_read_everywhere(main: str, dark: str, accent: str) -> None:
    """A2: at least 4.5 for words and 3 for borders, in either scheme; whatever falls short is refused."""
    colours = palette(main, dark, accent)
    words = [pair.ratio for pair in pairs(colours) if pair.against != "rule"]
    borders = [pair.ratio for pair in pairs(colours) if pair.against == "rule"]
    if min(words) >= 4.5 and min(borders) >= 3:
        refuse_faint(colours)
    else:
        with pytest.raises(Breach, match="contrast-too-low") as refused:
            refuse_faint(colours)
        assert float(str(refused.value.facts["ratio"])) < float(str(refused.value.facts["needed"]))


@given(COLOURS)
def test_a_colour_for_the_dark_is_made_from_any(main: str) -> None:
    made = palette(main).main_dark
    assert min(contrast(made, paper) for paper in PAPERS["dark"].values()) >= COMFORT  # A2


@pytest.mark.parametrize("text", ["red", "#FFF", "0B4A40", "#0B4A4G", "#0B4A40;}", "url(x)", "#\u0660B4A40"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    """S13: it stands in style sheets, on pages and in mails."""
    with pytest.raises(Breach, match="colour-unreadable"):
        colour(text)


def test_a_colour_is_kept_in_one_spelling() -> None:
    assert colour(" #0b4a40 ") == "#0B4A40"
    assert colour("") == ""
