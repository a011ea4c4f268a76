"""Sources are numbered as a reader meets them, whatever numbers their author gave."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.tips import Reference
from newsletter_app.tips.models import TipReference
from newsletter_app.tips.numbering import citing_order, renumber
from tests.factories.content import make_notice, make_tip


@pytest.mark.parametrize(
    ("text", "count", "order"),
    [
        ("A.[^1] B.[^2]", 2, (1, 2)),
        ("A.[^2] B.[^1]", 2, (2, 1)),
        ("A.[^3] B.[^3] C.[^1]", 3, (3, 1, 2)),
        ("None.", 2, (1, 2)),
        ("A.[^7] B.[^0]", 1, (1,)),
        ("", 0, ()),
    ],
)
def test_the_first_citation_decides(text: str, count: int, order: tuple[int, ...]) -> None:
    assert citing_order(text, count) == order


@given(st.lists(st.integers(0, 9)), st.integers(0, 8))
def test_numbers_rise_as_one_reads_and_each_source_has_one(cited: list[int], count: int) -> None:
    text = " ".join(f"a[^{number}]" for number in cited)
    order = citing_order(text, count)
    assert sorted(order) == list(range(1, count + 1))
    shown = renumber(text, {old: new for new, old in enumerate(order, start=1)})
    known = [number for number in dict.fromkeys(cited) if 0 < number <= count]
    assert citing_order(shown, count) == tuple(range(1, count + 1))
    assert [order[place] for place in range(len(known))] == known


def test_each_side_numbers_by_its_own_text(session: Session, now: datetime) -> None:
    tip = make_tip(session, make_notice(session, now), 24, now, body="One.[^2] Two.[^1]")
    tip.citations[:] = [
        TipReference(position=place, reference=Reference(text=text))
        for place, text in enumerate(("Roy R. 2020.", "Lee L. 2021."), start=1)
    ]
    session.flush()
    english, french = tip.side("en"), tip.side("fr")
    assert english is not None
    assert french is not None
    french.lead, french.body = "Un.", "Deux.[^1] Trois.[^2]"
    shown = tips.numbered(tip, english)
    assert (shown.body, [one.text[:3] for one in shown.references]) == ("One.[^1] Two.[^2]", ["Lee", "Roy"])
    assert [one.text[:3] for one in tips.numbered(tip, french).references] == ["Roy", "Lee"]
