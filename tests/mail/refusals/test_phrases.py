"""The table of words: every row whole, sourced, and searched in a time that no text makes long."""

from __future__ import annotations

import re

from newsletter_app.mail.refusals.phrases import phrases

ROWS = [*phrases().rows, *phrases().hints]


def test_every_row_names_its_source() -> None:
    """A row that nobody can look up cannot be judged either."""
    assert not [row.patterns for row in ROWS if not row.source.strip()]


def test_no_pattern_stands_in_two_rows() -> None:
    """The second one would never be asked."""
    every = [pattern for row in ROWS for pattern in row.patterns]
    assert sorted(set(every)) == sorted(every)


def test_patterns_are_spelled_as_words_are() -> None:
    """Lower-case, without accents, apostrophes and quotes: else a pattern finds nothing, ever."""
    strange = re.compile(r"""(?<!\\)[A-ZÀ-ÿ'’"“”]""")
    assert not [pattern for row in ROWS for pattern in row.patterns if strange.search(pattern)]


def test_no_row_takes_everything() -> None:
    """A pattern that matches nothing at all would decide every refusal."""
    assert not [row.patterns for row in ROWS if row.compiled.search("")]
