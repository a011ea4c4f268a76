"""What a score means: silence below two points, a hint, and from five on a stop."""

from __future__ import annotations

import pytest

from newsletter_app.preflight.findings import BLOCKS, WARNS
from newsletter_app.preflight.spam_rules import SpamScore, spam_findings


@pytest.mark.parametrize(
    ("points", "level"),
    [(-1.0, None), (1.9, None), (2.0, WARNS), (4.9, WARNS), (5.0, BLOCKS), (99.6, BLOCKS)],
)
def test_what_a_score_means(points: float, level: str | None) -> None:
    # M58
    found = spam_findings(SpamScore(points, ("GTUBE", "HTML_MESSAGE")), "fr")
    assert [(one.code, one.level, one.where) for one in found] == (
        [("spam-score", level, "fr")] if level else []
    )
    assert all(one.about == f"{points:.1f} (GTUBE, HTML_MESSAGE)" for one in found)


def test_who_was_not_asked_says_nothing() -> None:
    assert spam_findings(None) == []
