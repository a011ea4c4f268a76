"""docs/checks.md names tests that exist, and every requirement that a test cites."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, tree_of

TESTS = ROOT / "tests"
ROW = re.compile(r"^\| (?P<numbers>[MLSA]\d[^|]*) \| (?P<tests>[^|]+) \| (?P<change>.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+)((?:::\w+)+)`")
NUMBER = re.compile(r"\b(?P<letter>[MLSA])(?P<first>\d{1,2})\b(?:–(?P=letter)(?P<last>\d{1,2})\b)?")
TABLE = ROW.findall((ROOT / "docs" / "checks.md").read_text())


def numbers_in(text: str) -> set[str]:
    """Return the requirements that ``text`` names; "A3–A6" names four."""
    return {
        f"{found['letter']}{number}"
        for found in NUMBER.finditer(text)
        for number in range(int(found["first"]), int(found["last"] or found["first"]) + 1)
    }


def names_in(path: Path) -> set[str]:
    """Return what pytest can be asked for in ``path``: ``::test_it``, or ``::TestIt::runTest``."""
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            names.add(f"::{node.name}")
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.add(f"::{node.targets[0].id}::runTest")
    return names


def comments() -> Iterator[tuple[str, str]]:
    """Yield where each comment of a test stands that may cite a requirement, and its words."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for at, line in enumerate(path.read_text().splitlines(), 1):
            if cited := re.search(r"(?:^|\s)# (.*)$", line):
                yield f"{path.relative_to(ROOT)}:{at}", cited[1]


@pytest.mark.parametrize("row", TABLE, ids=[numbers for numbers, _tests, _change in TABLE])
def test_every_row_names_tests_that_exist(row: tuple[str, str, str]) -> None:
    _numbers, tests, change = row
    named = NAMED.findall(tests)
    assert ", ".join(f"`{path}{name}`" for path, name in named) == tests, "nothing but whole names of tests"
    assert [path + name for path, name in named if name not in names_in(TESTS / f"{path}.py")] == [], (
        "no such test"
    )
    assert change.strip("† ")


def test_what_a_test_cites_stands_in_the_table() -> None:
    listed = set().union(*(numbers_in(numbers) for numbers, _tests, _change in TABLE))
    unknown = [f"{place} {number}" for place, text in comments() for number in numbers_in(text) - listed]
    assert unknown == []
