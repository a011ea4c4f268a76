"""Which failure is meant, and when complaints are many, by tables."""

from __future__ import annotations

import pytest

from newsletter_app.delivery import CameBack
from newsletter_app.feedback.reading import Action, Failure, Shape
from newsletter_app.feedback.rules import (
    Measure,
    Standing,
    Weight,
    holds_domain,
    meant,
    measure,
    standing,
    weigh,
)
from newsletter_app.mail.refusals import Kind, Reason, Verdict

HARD = Verdict(Kind.hard, Reason.user_unknown)
SOFT = Verdict(Kind.soft, Reason.full)
OURS = Verdict(Kind.sender_fault, Reason.spam)
ROSE, OTHER, THIRD = "rose@example.ca", "r@elsewhere.ca", "third@elsewhere.ca"


def failed(address: str, verdict: Verdict = HARD, action: Action = Action.failed, final: str = "") -> Failure:
    return Failure(address, action, 550, None, "", verdict, final)


@pytest.mark.parametrize(
    ("failures", "verdict"),
    [
        ([failed(ROSE)], HARD),
        ([failed("ROSE@example.ca".lower(), SOFT)], SOFT),
        ([failed(OTHER, HARD), failed(ROSE, SOFT)], SOFT),
        ([failed("x@y.ca", final=ROSE)], HARD),
        ([failed(OTHER)], HARD),
        ([failed(OTHER, HARD), failed(THIRD, SOFT)], SOFT),
        ([failed(OTHER, HARD), failed(THIRD, OURS)], OURS),
        ([failed(OTHER, HARD), failed(THIRD, action=Action.delivered)], None),
        ([failed(ROSE, action=Action.delayed)], None),
        ([failed(OTHER, HARD), failed(ROSE, action=Action.delivered)], None),
        ([failed("")], HARD),
        ([], None),
    ],
)
def test_the_reader_counts_and_then_the_least(failures: list[Failure], verdict: Verdict | None) -> None:
    """Where a mail is led to several places, one that took it is enough."""  # M39
    found = meant(failures, "Rose@example.ca")
    assert (found.verdict if found else None) == verdict


@pytest.mark.parametrize(
    ("complaints", "vouched", "accepted", "weight"),
    [
        (0, 0, 0, Weight.light),
        (1, 1, 1, Weight.light),
        (1, 1, 100_000, Weight.light),
        (2, 2, 2001, Weight.light),
        (2, 2, 2000, Weight.alarm),
        (2, 0, 100, Weight.alarm),
        (3, 3, 1001, Weight.alarm),
        (3, 3, 1000, Weight.pause),
        (3, 2, 100, Weight.alarm),
        (9, 2, 100, Weight.alarm),
        (9, 3, 100, Weight.pause),
        (10, 0, 3334, Weight.alarm),
        (10, 0, 3333, Weight.pause),
        (300, 0, 100_000, Weight.pause),
        (299, 299, 100_000, Weight.alarm),
    ],
)
def test_complaints_weigh_by_rate_number_and_word(
    complaints: int, vouched: int, accepted: int, weight: Weight
) -> None:
    """Alarm at one in a thousand, pause at three, and not for a few mails that were passed on."""  # M43, M48
    assert weigh(CameBack(accepted, 0, complaints), vouched) is weight


@pytest.mark.parametrize(
    ("has_left", "has_moved", "stands"),
    [
        (True, False, Standing.current),
        (True, True, Standing.moved),
        (False, False, Standing.lost),
        (False, True, Standing.unsure),
    ],
)
def test_how_a_mail_stands(has_left: bool, has_moved: bool, stands: Standing) -> None:
    assert standing(has_left=has_left, has_moved=has_moved) is stands
    assert stands.has_left is has_left


@pytest.mark.parametrize(
    ("stands", "complaint", "report"),
    [
        (Standing.current, Measure.whole, Measure.whole),
        (Standing.moved, Measure.tally, Measure.none),
        (Standing.lost, Measure.whole, Measure.none),
        (Standing.unsure, Measure.end, Measure.none),
    ],
)
def test_how_far_a_token_is_believed(stands: Standing, complaint: Measure, report: Measure) -> None:
    """Whoever wants no more gets no more, whatever became of the mail and of the address."""  # M30, M43
    assert measure(Shape.complaint, stands) is complaint
    assert measure(Shape.report, stands) is report
    assert measure(Shape.unsubscribe, stands) is measure(Shape.stop, stands) is Measure.whole


def test_every_fifth_reader_holds_the_domain() -> None:
    """A probe lets it go again, and then five more are needed."""  # M40
    assert [number for number in range(21) if holds_domain(number)] == [5, 10, 15, 20]
