"""117 bounces of real servers against a table that was checked by hand."""

from __future__ import annotations

from random import Random

import pytest

from newsletter_app.feedback.reading import read
from tests.feedback.samples import Found, samples, table


def test_each_sample_stands_in_the_table() -> None:
    """None is left out because it is awkward."""
    assert sorted(samples()) == sorted(found.sample for found in table())
    assert len(samples()) == 117


@pytest.mark.parametrize("found", table(), ids=[found.sample for found in table()])
def test_a_sample_is_what_the_table_says(found: Found) -> None:
    """Shape, what became of the message, whose doing it was and why, and for whom."""  # M39, M40, M46
    reading = read(samples()[found.sample])
    verdicts = [f"{failure.verdict.kind}/{failure.verdict.reason}" for failure in reading.failures]
    assert reading.shape == found.shape
    assert {failure.action for failure in reading.failures} <= {found.action}
    assert (verdicts if len(set(verdicts)) > 1 else verdicts[:1]) == found.verdicts
    assert [failure.address for failure in reading.failures if failure.address] == found.addresses


def test_most_samples_give_an_address() -> None:
    """All but those that name nobody, or are no bounces."""  # M46
    with_address = [name for name, raw in samples().items() if any(one.address for one in read(raw).failures)]
    assert len(with_address) >= 112


def test_no_sample_cut_or_damaged_crashes_the_reader() -> None:
    """Cut anywhere, octets changed, lines lost: some 400 of them, the same ones each time."""  # M46
    dice = Random(2026)
    for raw in samples().values():
        for _ in range(3):
            octets = bytearray(raw[: dice.randrange(len(raw)) + 1])
            for _ in range(dice.randrange(20)):
                octets[dice.randrange(len(octets))] = dice.randrange(256)
            read(bytes(octets))


def test_a_success_among_them_is_none() -> None:
    """Nothing delayed or delivered harms anybody."""  # M39
    readings = {found.sample: read(samples()[found.sample]) for found in table() if found.action != "failed"}
    assert len(readings) > 10
    assert not [name for name, reading in readings.items() if any(one.is_harm for one in reading.failures)]
