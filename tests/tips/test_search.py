"""Looking for tips by their words, on both databases: what is on the web is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.kernel.languages import Language
from newsletter_app.tips import Tip
from tests.factories.content import make_draft, make_notice, make_tip

Find = Callable[..., list[int | None]]


@pytest.fixture
def find(session: Session) -> Find:
    """Give the numbers of what is found, best first."""

    def numbers(asked: str, language: Language = "en") -> list[int | None]:
        found = tips.listed_sides(session, tips.search(session, language, asked))
        return [row.number for row in found]

    return numbers


@pytest.fixture
def three(session: Session, now: datetime) -> list[Tip]:
    """Give three tips on the web: two of balance, one of which says so in its title, and one of water."""
    notice = make_notice(session, now)
    return [
        make_tip(session, notice, 1, now, title="Test the bath", body="Hot water burns. Mind the café."),
        make_tip(session, notice, 2, now, body="Walking trains your balance.[^1]"),
        make_tip(session, notice, 3, now, title="Practise your balance", body="Stand on one leg. Walk."),
    ]


def test_words_are_found_in_any_form_the_title_first(find: Find, three: list[Tip]) -> None:
    assert find("BALANCES") == [3, 2]
    assert find("walk balance") == [3, 2]
    assert find("cafe") == find("café") == find("CAFE\u0301") == [1]
    assert find("debuter", "fr") == find("débutez", "fr") == [3, 2, 1]
    assert find("marcher", "fr") == find("marchez", "fr") == [3, 2, 1]
    assert find("balance", "fr") == []


def test_every_word_must_stand_there(find: Find, three: list[Tip]) -> None:
    assert find("balance water") == []
    assert find("") == find("?!") == find("…") == []


HOSTILE = [
    *('"', 'balance"', "balance*", "title:balance", "NEAR(a b)", "balance AND", "NOT balance", "^balance"),
    *("') OR 1=1 --", "balance & !", "a:*", "(((", "\\", "%00", "\x00", "'; DROP TABLE tips; --", "-"),
    *("and or not near", "\u202ebalance", "balance " * 9999, "}{", "<->", "🙂", "ſ", "\ud7ff", "１２"),
]


def test_no_question_is_a_command(find: Find, three: list[Tip]) -> None:
    for hostile in HOSTILE:
        for language in ("en", "fr"):
            find(hostile, language)  # S15: it raises nothing
    assert find("balance") == [3, 2]


def test_what_is_found_follows_the_tip(find: Find, three: list[Tip], session: Session, now: datetime) -> None:
    """A search must neither bring what was taken back nor miss what was put up."""
    notice = make_notice(session, now, "events")
    draft = make_draft(None, body="A draft about balance.")
    saved = tips.save_draft(session, draft, notice=notice, now=now)
    assert find("draft") == []
    tips.publish(session, saved.tip, now)
    assert find("draft") == [None]
    tips.save_draft(session, make_draft(None, body="Nothing."), notice=notice, now=now, into=saved.tip)
    assert find("draft") == []
    tips.withdraw(session, three[2], "It is wrong.", now)
    assert find("balance") == [2]
    tips.publish(session, three[2], now)
    assert find("balance") == [3, 2]
    session.delete(three[1].sides[0])
    session.flush()
    assert find("balance") == [3]


def test_topics_are_words_of_a_tip(find: Find, three: list[Tip], session: Session, now: datetime) -> None:
    tips.add_topic(session, "burns", {"en": "Scalds", "fr": "Brûlures"})
    tips.set_topics(session, three[0], ["burns"], now)
    assert (find("scald"), find("brulure", "fr")) == ([1], [1])


def test_tips_of_an_older_product_are_found_after_an_upgrade(
    find: Find, three: list[Tip], session: Session, now: datetime
) -> None:
    session.execute(text("DELETE FROM tip_searches"))
    assert find("balance") == []
    assert tips.put_up_missing(session, now) == 3
    assert tips.put_up_missing(session, now) == 0
    assert find("balance") == [3, 2]
