"""What voids a run, how runs are summed up, and what the parts of a mail weigh."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import content, signups, table
from bench.campaign import Measured, why_void
from bench.rivals import Rival
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.mail import compile_message


@pytest.mark.parametrize(
    ("outcomes", "taken", "is_whole", "words"),
    [
        ({"accepted": 100}, 100, True, ""),
        ({"accepted": 99, "skipped": 1}, 99, True, "became {'accepted': 99, 'skipped': 1}"),
        ({"accepted": 99}, 99, True, "became {'accepted': 99}"),
        ({"accepted": 100}, 101, True, "the sink counted 101"),
        ({"accepted": 100}, 100, False, "a process ended"),
    ],
)
def test_a_run_that_tells_nothing_is_void(
    outcomes: dict[str, int], taken: int, is_whole: bool, words: str
) -> None:
    void = why_void(100, outcomes, taken, is_whole=is_whole)
    assert (words in void) if words else void == ""


def measured(per_second: float, void: str = "", statements_ms: float | None = None) -> Measured:
    return Measured(
        readers=1000, octets=30_000, planning_s=2.0, seconds=1.0, per_second=per_second, sink_taken=1000,
        senders_ms=per_second / 10, database_ms=0.2, sink_ms=0.3, others_ms=0.0, statements_ms=statements_ms,
        peak_mb=per_second, connections=8, outcomes={"accepted": 1000}, void=void,
    )  # fmt: skip


def test_a_row_holds_medians_and_the_highest_peak() -> None:
    row = table.campaign_row("it", [measured(30), measured(10), measured(20, statements_ms=0.5)])
    assert row == (
        "it", "1,000", "30,000", "3", "20", "2.000", "0.200", "0.300", "0.000", "0.500", "30", "8", "500", "",
    )  # fmt: skip


def test_one_void_run_voids_the_row() -> None:
    assert table.campaign_row("it", [measured(1), measured(2, void="lost one")])[-1] == "VOID: lost one"
    rival = Rival(name="r", messages=1, octets=1, per_second=1, sender_ms=1, sink_ms=1, void="none came")
    assert table.rival_row("r", [rival])[-1] == "VOID: none came"


def test_columns_stand_below_their_titles() -> None:
    assert table.lay_out(("what", "n", ""), [("a", "10", ""), ("longer", "5", "VOID")]) == (
        "what     n\na       10\nlonger   5  VOID"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_small_mail_is_about_a_kilobyte(language: Language) -> None:
    small = content.small_content(language, 1, "tips@example.ca")
    assert 1000 <= content.octets_of(compile_message(small, "seed").to_bytes()) <= 1500


def test_visitors_come_from_everywhere() -> None:
    places = [signups.visitor(place) for place in range(signups.MOST)]
    assert len(set(places)) == len(places)
    # So many sign-ups an hour are taken from one network (S2).
    assert max(Counter(place.rpartition(".")[0] for place in places).values()) <= 180
    assert signups.MOST < 6000
