"""No mail of ours looks like spam to SpamAssassin's local rules, with what the sample says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from newsletter_app.adapters.spam_scoring import SpamAssassin
from newsletter_app.preflight import BLOCKS
from newsletter_app.preflight.spam_rules import spam_findings
from tests.factories.every_mail import ALL, Post, Words
from tests.spamd import spamd

# The time that its users wait is not what is tried here.
PATIENT_S = 60

pytestmark = pytest.mark.spamassassin


@pytest.fixture
def database_url(sqlite_database: URL) -> URL:
    """Compose from SQLite only: the database gives the same words whichever it is."""
    return sqlite_database


@pytest.fixture(scope="module")
def spam_assassin() -> Iterator[SpamAssassin]:
    """Give one that has its rules loaded."""
    with spamd() as place:
        yield SpamAssassin(place, time_out_s=PATIENT_S)


def test_no_template_looks_like_spam(
    spam_assassin: SpamAssassin, session: Session, translations: Path, now: datetime
) -> None:
    # M58
    post = Post(session, translations, now)
    post.say_the_sample(now)
    scores = {mail: spam_assassin.score(post.as_it_stands(*mail)) for mail in ALL}
    assert len(scores) == 72
    assert {mail: score for mail, score in scores.items() if spam_findings(score)} == {}
    assert None not in scores.values()


def test_words_that_look_like_spam_are_told(
    spam_assassin: SpamAssassin, session: Session, translations: Path, now: datetime
) -> None:
    # M58: the test string of all filters (GTUBE) in an appeal makes any mail spam.
    words = Words(appeal="XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X")
    score = spam_assassin.score(Post(session, translations, now).mail("tip", "en", "text", words))
    [finding] = spam_findings(score, "en")
    assert (finding.code, finding.level) == ("spam-score", BLOCKS)
    assert "GTUBE" in finding.about
