"""CSV of strangers: separators, encodings, limits."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from newsletter_app.cli import csv_files
from newsletter_app.cli.csv_files import read_rows


def test_lines_that_are_empty_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n\n , \n 1 ,2\n")
    assert list(read_rows(file)) == [(1, ["a", "b"]), (4, ["1", "2"])]


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"a\0b", "is no text"),
        (b'a\n"' + b"x" * 140_000, "line 2: this is no CSV"),
        (b"a\n" * 11, "a million lines"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, octets: bytes, told: str
) -> None:  # S17
    monkeypatch.setattr(csv_files, "MOST_ROWS", 10)
    file = tmp_path / "a.csv"
    file.write_bytes(octets)
    with pytest.raises(click.ClickException, match=told):
        list(read_rows(file))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:  # S17
    file = tmp_path / "a.csv"
    with file.open("wb") as hollow:
        hollow.truncate(csv_files.MOST_OCTETS + 1)
    with pytest.raises(click.ClickException, match="more than 50 MB"):
        list(read_rows(file))
