"""The tips that the library's benchmark is filled with: whole in both languages, and not all alike."""

from __future__ import annotations

import random

from bench.library import SECTIONS, _draft, _sample
from newsletter_app.kernel.languages import LANGUAGES


def test_drafts_are_whole_and_differ() -> None:
    dice = random.Random(1)
    sample = {language: _sample(language) for language in LANGUAGES}
    titles = set()
    for number in (11, 20, 31):
        chosen = [dice.randrange(len(sample["en"])) for _section in range(SECTIONS)]
        both = [_draft(sample[language], chosen, number, language) for language in LANGUAGES]
        assert [draft.number for draft in both] == [number, number]
        assert both[0].topics == both[1].topics == (() if number == 20 else sample["en"][chosen[0]].topics)
        assert all(draft.body.count("## ") == SECTIONS for draft in both)
        assert len(both[0].references) == len(both[1].references) > 0
        titles |= {draft.title for draft in both}
    assert len(titles) == 6
