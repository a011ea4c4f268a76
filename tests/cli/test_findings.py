"""Every code that reading a file can give has a sentence; a quoted line cannot play tricks on a terminal."""

from __future__ import annotations

import pytest

from newsletter_app.cli.findings import LEFT_OUT, NOT_UNDERSTOOD, REFUSED, left_out, not_understood, refused
from newsletter_app.imports.html import OUTSIDE
from newsletter_app.tips import Finding, ImportFault
from tests.cli.source import PACKAGE, calls, keys

READING = PACKAGE / "tips" / "reading"
IMPORTS = PACKAGE / "imports"


def test_every_fault_has_a_sentence() -> None:
    """And no sentence stands for a fault that is gone."""
    given = {
        call.code for folder in (READING, IMPORTS) for call in calls(folder, {"ImportFault", "_fault"}, 1)
    }
    # Written as a choice between two.
    given |= {"key-twice", "unknown-key"}
    assert given == set(REFUSED)


def test_every_finding_has_words() -> None:
    given = {
        call.code for folder in (READING, IMPORTS) for call in calls(folder, {"Finding", "_findings"}, 1)
    }
    given |= keys(READING / "furniture.py", "_LINES") | keys(READING / "markdown_body.py", "_ODD")
    given |= {"separator", "page-rest", *OUTSIDE.values()}
    assert given == set(LEFT_OUT) | set(NOT_UNDERSTOOD)


@pytest.mark.parametrize("words", [*NOT_UNDERSTOOD.values(), *REFUSED.values()])
def test_sentences_are_sentences(words: str) -> None:
    assert words[0].isupper()
    assert words.endswith((".", "?", "…"))


def test_lines_say_where_what_and_why() -> None:
    assert left_out(Finding(3, "share", "Share this article")) == (
        "line 3 “Share this article”: the box to share the page"
    )
    assert not_understood(Finding(4, "read-as-windows-1252", "")).startswith("line 4: It is not UTF-8")
    assert refused(ImportFault(5, "unknown-key"), "titel: Walk").startswith(
        "line 5 “titel: Walk”: No such name"
    )


def test_a_quote_is_short_and_harmless() -> None:
    """An escape sequence in a file must not clear the screen or forge a line."""
    told = refused(ImportFault(1, "control-character"), "a\x1b[2J\rb " + "long " * 50)
    assert "\x1b" not in told
    assert "\r" not in told
    assert len(told.split("”")[0]) < 85
