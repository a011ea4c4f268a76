"""Every observation has words, which ask for no fact that it does not bring."""

from __future__ import annotations

import pytest

from newsletter_app.authentication import judge
from newsletter_app.cli.doctor.words import WORDS, facts_of, found, to_do
from newsletter_app.kernel.observations import Gravity, Observation
from tests.authentication.published import IDENTITY, published
from tests.authentication.test_judging import FAULTS, OWN, UNASKED, WARNINGS
from tests.cli.source import PACKAGE, calls

SEEN = [
    one
    for changed, _code in [
        ({}, ""),
        *FAULTS,
        *WARNINGS,
        *(({name: "servfail"}, "") for name, _codes in UNASKED),
    ]
    for identity in (IDENTITY, OWN)
    for one in judge(identity, published(changed))
]


def test_every_code_has_words() -> None:
    given = {one.code for one in SEEN}
    for folder in ("authentication", "cli/doctor"):
        given |= {call.code for call in calls(PACKAGE / folder, {"Observation", "SpfFault", "unasked"}, 0)}
    assert given - set(WORDS) == set()


@pytest.mark.parametrize("one", {one.code: one for one in SEEN}.values(), ids=lambda one: one.code)
def test_what_the_dns_says_is_told_whole(one: Observation) -> None:
    asked = facts_of(WORDS[one.code][0]) | facts_of(WORDS[one.code][1])
    assert asked <= {"subject", *one.facts}
    assert "{" not in found(one)
    assert bool(to_do(one)) is (one.gravity is not Gravity.ok)


def test_a_code_of_another_version_is_told_as_it_is() -> None:
    assert found(Observation("spf-new", Gravity.fault, "a.example")) == "spf-new a.example"


def test_what_a_stranger_published_cannot_write_on_the_terminal() -> None:
    """A record may hold the octets that move a cursor or colour a line; none of them gets through."""
    record = "v=spf1 -all \x1b[2J\x9b1m\r\nok"
    told = found(Observation("spf-nobody", Gravity.fault, "a.example", {"record": record}))
    assert told.endswith("v=spf1 -all ?[2J?1m??ok")


def test_a_record_of_sixty_kilobytes_is_told_in_short() -> None:
    told = found(Observation("spf-nobody", Gravity.fault, "a.example", {"record": "x" * 60_000}))
    assert len(told) < 600
