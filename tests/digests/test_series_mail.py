"""The mail of a series: the tip as always, why it comes, and when the next one does, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app.digests import DigestOf
from newsletter_app.kernel.languages import Language
from newsletter_app.mail import Content
from tests.digests.test_digest import DATE
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer

NEXT = {
    ("daily", "en"): "Your next tip comes tomorrow.",
    ("twice", "en"): "Your next tip comes in three or four days.",
    ("weekly", "en"): "Your next tip comes in a week.",
    ("", "en"): "Your next tip comes as soon as it is ready.",
    ("daily", "fr"): "Votre prochain conseil arrive demain.",
    ("twice", "fr"): "Votre prochain conseil arrive dans trois ou quatre jours.",
    ("weekly", "fr"): "Votre prochain conseil arrive dans une semaine.",
    ("", "fr"): "Votre prochain conseil arrive dès qu'il est prêt.",
}
WHY: dict[Language, str] = {
    "en": "You get this because you asked for Health tips on {asked_on}, and read from tip 1.",
    "fr": (
        "Vous recevez ce courriel parce que vous avez demandé\u00a0: Conseils santé, le {asked_on},"
        " et que vous lisez à partir du conseil 1."
    ),
}


def mail(session: Session, translations: Path, language: Language, layout: str, pace: str) -> Content:
    """Compose tip 7 as a series brings it."""
    make_organisation(session)
    notice = make_notice(session, DATE)
    tip = make_tip(session, notice, 7, DATE)
    of = DigestOf((tip.id,), (notice,), language, layout, None, "series", (notice.id,), pace=pace)
    return make_composer(translations).compose(session, of)


@pytest.mark.parametrize("layout", ["standard", "large", "text"])
@pytest.mark.parametrize(("pace", "language"), list(NEXT))
def test_when_the_next_one_comes(
    session: Session, translations: Path, language: Language, layout: str, pace: str
) -> None:
    content = mail(session, translations, language, layout, pace)
    for words in (" ".join(content.text.split(" ")), content.html.replace("&#39;", "'")):
        assert NEXT[pace, language] in words
        assert [each for each in NEXT.values() if each in words] == [NEXT[pace, language]]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_why_it_comes(session: Session, translations: Path, language: Language) -> None:
    """The mark stands where each reader's own day is put."""
    content = mail(session, translations, language, "standard", "weekly")
    before, after = WHY[language].split("{asked_on}")
    assert before in content.text
    assert after in content.text
    assert (
        content.subject
        == {"en": "Tip 7: Walk a little 7", "fr": "Conseil 7\u00a0: Marchez un peu 7"}[language]
    )
