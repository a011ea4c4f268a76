"""Which passwords are taken, and how they are kept (S21)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter_app.identity import passwords
from newsletter_app.identity.passwords import LONGEST, judge

WORDS = ("Nerves & Me", "Les nerfs et moi", "rose.tremblay@example.ca")


@pytest.mark.parametrize(
    ("password", "beside_a_code", "expected"),
    [
        ("fourteen signs", False, "short"),
        ("fifteen signs !", False, None),
        ("sevn en", True, "short"),
        ("eight en", True, None),
        ("é" * 14, False, "short"),
        ("correct horse battery staple, and some more words until it has sixty-four", False, None),
        ("a" * 40, False, "common"),
        ("Password1", True, "common"),
        ("PASSWORD", True, "common"),
        ("qwertyuiop", True, "common"),
        ("nerves! nerves! 2026", False, "obvious"),
        ("Rose.Tremblay 2026", False, "obvious"),
        ("tremblay", True, "obvious"),
        ("tremblay likes seven brown hens", False, None),
        ("                no rule about kinds of signs", False, None),
        ("x" + "yz12" * 200, False, "long"),
    ],
)
def test_what_is_refused_and_why(password: str, beside_a_code: bool, expected: str | None) -> None:  # S21
    assert judge(password, beside_a_code=beside_a_code, words=WORDS) == expected


def test_three_thousand_common_ones_are_known() -> None:  # S21
    assert len(passwords.common()) == 3000
    assert all(len(word) >= 8 for word in passwords.common())


@given(st.text(min_size=15, max_size=LONGEST))
def test_any_signs_may_be_in_it(text: str) -> None:
    assert judge(text, beside_a_code=False) in (None, "common", "long")


@settings(max_examples=3)
@given(st.text(min_size=1, max_size=80))
def test_only_the_same_words_match(text: str) -> None:  # S21
    kept = passwords.hashed(text)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(text, kept)
    assert not passwords.matches(text + "x", kept)


def test_two_keyboards_write_one_password() -> None:
    assert passwords.matches(
        "cafe\u0301 au lait tous les jours", passwords.hashed("café au lait tous les jours")
    )


def test_nobody_has_no_password() -> None:  # S22
    assert not passwords.matches("", "")
    assert not passwords.matches("seven brown hens in a row", "")
