"""Which campaigns are measured for which choices."""

from __future__ import annotations

import pytest

from bench.__main__ import choices_of, parser
from bench.scenarios import DATABASES, PARTS, Choices, audiences, by_workers, campaigns, growing


def test_the_usual_run_holds_every_dimension() -> None:
    usual = campaigns(Choices(readers=100_000), "postgresql")
    assert {each.processes for each in usual} == {1, 2, 4}
    assert {each.size for each in usual} == {"30k", "1k"}
    assert {each.dkim for each in usual} == {False, True}
    assert {(each.delay_ms, each.connections) for each in usual} == {(0, 5), (50, 5), (50, 20)}
    assert [each.name for each in usual if each.alternates] == ["postgresql, 2 proc. × 5 conn., 30k"]
    assert usual[0].runs == 5


def test_what_is_named_is_combined() -> None:
    chosen = campaigns(Choices(processes=(1, 2), sizes=("30k", "1k"), runs=3), "sqlite")
    assert [(each.processes, each.size, each.runs) for each in chosen] == [
        (1, "30k", 3),
        (1, "1k", 3),
        (2, "30k", 3),
        (2, "1k", 3),
    ]


def test_a_name_tells_how_far_and_over_how_many_connections() -> None:
    [far] = campaigns(Choices(delays_ms=(50,), connections=(20,), dkim=(True,)), "sqlite")
    assert far.name == "sqlite, 2 proc. × 20 conn., 30k, DKIM, 50 ms away"


def test_other_distances_and_connections_need_other_workers() -> None:
    choices = Choices(delays_ms=(0, 50), connections=(5, 20), sizes=("30k", "1k"))
    groups = by_workers(campaigns(choices, "sqlite"))
    assert [(group[0].delay_ms, group[0].connections, len(group)) for group in groups] == [
        *((0, 5, 2), (0, 20, 2), (50, 5, 2), (50, 20, 2))
    ]


def test_campaigns_of_the_same_workers_stand_together() -> None:
    choices = Choices(processes=(1, 2), sizes=("30k", "1k"), dkim=(False, True))
    groups = by_workers(campaigns(choices, "sqlite"))
    assert [[each.size for each in group] for group in groups] == [["30k", "1k"]] * 4
    assert [(group[0].processes, group[0].dkim) for group in groups] == [
        *((1, False), (1, True), (2, False), (2, True))
    ]


@pytest.mark.parametrize(
    ("grow", "sizes"), [((), [10_000, 100_000]), ((1_000_000, 10_000), [10_000, 1_000_000])]
)
def test_memory_is_compared_from_small_to_large(grow: tuple[int, ...], sizes: list[int]) -> None:
    found = growing(Choices(readers=100_000, grow=grow), "sqlite")
    assert [each.readers for each in found] == sizes
    assert audiences(found) == sizes


@pytest.mark.parametrize(
    ("words", "databases", "parts"),
    [
        ("", DATABASES, PARTS),
        ("--only postgresql", ("postgresql",), PARTS),
        ("--only signups", DATABASES, ("signups",)),
        ("--only sqlite,engine,rivals", ("sqlite",), ("engine", "rivals")),
        ("--quick", DATABASES, ("engine", "rivals", "signups")),
    ],
)
def test_words_choose_databases_and_parts(
    words: str, databases: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    choices = choices_of(parser().parse_args(words.split()))
    assert (tuple(choices.databases), tuple(choices.parts)) == (databases, parts)


def test_distances_begin_at_nothing() -> None:
    choices = choices_of(parser().parse_args(["--delay", "0,50", "--connections", "5,20"]))
    assert (tuple(choices.delays_ms), tuple(choices.connections)) == ((0, 50), (5, 20))


REFUSED = ["--only postman", "--delay far", "--delay -1", "--connections 0", "--connections 101"]


@pytest.mark.parametrize("words", [*REFUSED, "--processes two", "--size 3k", "--readers 0"])
def test_what_cannot_be_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(words.split())
    assert words.split()[1] in capsys.readouterr().err
