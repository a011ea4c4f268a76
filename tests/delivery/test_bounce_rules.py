"""When bounces are enough, by tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsletter_app.delivery.bounce_rules import Try, is_gone, is_lasting
from newsletter_app.mail.refusals import Kind, Reason, Verdict

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "reason", "gone"),
    [
        (Kind.hard, Reason.user_unknown, True),
        (Kind.hard, Reason.domain_gone, True),
        (Kind.hard, Reason.inactive, True),
        (Kind.hard, Reason.unspecified, False),
        (Kind.soft, Reason.user_unknown, False),
        (Kind.soft, Reason.full, False),
        (Kind.sender_fault, Reason.policy, False),
        (Kind.none, Reason.delivered, False),
    ],
)
def test_one_is_enough_where_it_is_hard_and_says_why(kind: Kind, reason: Reason, gone: bool) -> None:
    """A bare 550 counts like a soft one: it may be anything."""  # M42
    assert is_gone(Verdict(kind, reason)) is gone


@pytest.mark.parametrize(
    ("tries", "lasting"),
    [
        ([(0, True), (3, True), (7, True)], True),
        ([(0, True), (3, True), (6, True)], False),
        ([(0, True), (7, True)], False),
        ([(0, True), (7, False), (14, True), (21, False), (28, True)], True),
        ([(0, True), (7, False), (14, True), (21, False), (28, False), (35, True)], False),
        ([(28, True), (0, True), (14, True)], True),
        ([], False),
    ],
)
def test_three_of_the_last_five_over_a_week(tries: list[tuple[int, bool]], lasting: bool) -> None:
    """Days are counted from the first bounce; the order in which they are told does not matter."""  # M40
    assert is_lasting([Try(NOW + timedelta(days=day), back) for day, back in tries]) is lasting
