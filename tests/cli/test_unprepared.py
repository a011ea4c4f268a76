"""An installation that ``flask prepare`` has not seen: each command says so in a sentence, traceless."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.mark.parametrize(
    "words",
    [
        ("campaigns", "status"),
        ("suppressions", "list"),
        ("notices", "list"),
        ("tips", "list"),
    ],
)
def test_a_missing_table_is_told_in_words(
    make_shell: Callable[[Path], Shell], tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "var").mkdir()
    assert "flask prepare" in make_shell(tmp_path / "var").refusal(*words)
