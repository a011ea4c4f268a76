"""Slot marks: what they survive, and which look-alikes are refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from newsletter_app.mail import slots
from newsletter_app.mail.inline import inline_css
from tests.mail.samples import quick

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


@quick
@given(st.lists(names, max_size=4), st.text(max_size=30))
def test_marks_are_found_where_they_stand(chosen: list[str], between: str) -> None:
    text = between + between.join(map(slots.mark, chosen)) + between
    assert slots.find(text) == tuple(chosen)
    assert slots.split(text)[::2] == ((between,) * (len(chosen) + 1) if chosen else (between + between,))


@quick
@given(names)
def test_a_mark_is_letters_and_digits_only(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]+", slots.mark(name))


@quick
@given(names, names)
def test_different_names_have_different_marks(one: str, other: str) -> None:
    assert (slots.mark(one) == slots.mark(other)) == (one == other)


def test_neighbouring_marks_are_told_apart() -> None:
    text = slots.mark("a") + slots.mark("b_1") + slots.mark("a")
    assert slots.split(text) == ("", "a", "", "b_1", "", "a", "")


def test_marks_survive_escaping_and_inlining() -> None:
    head = "<html><head><style>p{color:red}</style></head>"
    page = head + '<body><p><a href="{{ m }}">{{ m }}</a></p></body></html>'
    rendered = Environment(autoescape=True).from_string(page).render(m=slots.mark("stop_url"))
    assert slots.find(inline_css(rendered)) == ("stop_url", "stop_url")


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", "a b", "é", "a\n"])
def test_only_plain_names_are_slots(name: str) -> None:
    with pytest.raises(ValueError, match="not a slot name"):
        slots.mark(name)
    with pytest.raises(ValueError, match="not a slot name"):
        slots.Slot(name)


MARK = slots.mark("name")


@pytest.mark.parametrize(
    "text",
    [
        MARK,
        f"a{MARK}b",
        MARK[:-1],
        MARK.upper(),
        MARK.lower(),
        f"&#83;{MARK[1:]}",
        f"{MARK[:3]}&#x74;{MARK[4:]}",
    ],
)
def test_author_text_that_would_pass_for_a_mark_is_recognised(text: str) -> None:
    assert slots.contains_mark(text)


@pytest.mark.parametrize("text", ["", "Slot 7", "Every slot7 is taken", "Q7tolS", "Bougez!"])
def test_ordinary_author_text_is_not_taken_for_a_mark(text: str) -> None:
    assert not slots.contains_mark(text)


@pytest.mark.parametrize(
    "text", [slots.mark("other"), MARK[:-1], MARK.upper(), MARK.title(), MARK[:-3] + " " + MARK]
)
def test_what_is_no_declared_mark_is_refused(text: str) -> None:
    with pytest.raises(slots.MarkCollision):
        slots.check(text, {"name"})


def test_declared_marks_pass() -> None:
    slots.check(f"Hello {MARK}, {MARK}", {"name", "unused"})
