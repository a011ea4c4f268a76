"""What is written as CSV reads back, and harms no spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.csv_writing import written


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_no_cell_is_a_formula(sign: str) -> None:  # S17
    row = next(csv.reader(io.StringIO(written(["a"], [[f"{sign}1"]]).partition("\n")[2], newline="")))
    assert row == [f"'{sign}1"]


@given(st.lists(st.lists(st.text(alphabet='ab,;" \n=é', max_size=5), min_size=2, max_size=2), max_size=4))
def test_what_is_written_reads_back(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(written(["a", "b"], rows), newline="")))
    assert [[cell.removeprefix("'=") for cell in row] for row in read[1:]] == [
        [cell.removeprefix("=") for cell in row] for row in rows
    ]
