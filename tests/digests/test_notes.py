"""A correction as a mail tells it: beside a tip, and alone; in both parts, with nothing to stumble over."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.preflight.service import check_content
from tests.digests.test_digest import DATE
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer


@pytest.mark.parametrize("layout", ["standard", "large", "text"])
@pytest.mark.parametrize(
    ("language", "label", "note", "path"),
    [
        ("en", "A correction to Tip 24: Walk a little 24", "Below 38 °C.", "/tips/24-walk-a-little-24"),
        ("fr", "Correction au conseil 24\u00a0: Marchez un peu 24", "Sous 38 °C.", "/fr/conseils/24-marchez"),
    ],
)
def test_it_stands_in_both_parts(
    session: Session, translations: Path, language: Language, label: str, note: str, path: str, layout: str
) -> None:
    """The label, the words and the link; alone it is the subject."""  # A1, A12
    make_organisation(session)
    notice = make_notice(session, DATE)
    corrected, newer = make_tip(session, notice, 24, DATE), make_tip(session, notice, 25, DATE)
    told = tips.correct(session, corrected, "Below 38 °C.", "Sous 38 °C.", DATE)
    session.flush()
    composer = make_composer(translations)
    for tip_ids in ((newer.id,), ()):
        of = DigestOf(tip_ids, (notice,), language, layout, None, note_ids=(told.id,))
        content = composer.compose(session, of)
        for part in (unescape(content.html), content.text):
            assert label in part
            assert note in part
            assert path in part
        assert (content.subject == label) is not bool(tip_ids)
        found = {finding.code for finding in check_content(session, content, language)}
        assert (
            found & {"headings-skip", "mail-without-stop", "mail-without-address", "text-lacks-link"} == set()
        )


def test_a_note_that_names_a_place_to_fill_in_is_refused(session: Session, translations: Path) -> None:  # S14
    make_organisation(session)
    notice = make_notice(session, DATE)
    tip = make_tip(session, notice, 24, DATE)
    told = tips.correct(session, tip, "See Slot7QxstopUurlQ7tolS", "Non.", DATE)
    session.flush()
    of = DigestOf((), (notice,), "en", "standard", None, note_ids=(told.id,))
    with pytest.raises(Breach, match="tip-holds-mark"):
        make_composer(translations).compose(session, of)
