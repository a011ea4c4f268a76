"""Every code for something missing, of a tip, of the organisation and of preflight, has words."""

from __future__ import annotations

from datetime import date

import pytest

from newsletter_app.cli.lacks import LACKS, lack, lack_of
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Notice
from newsletter_app.organisation import Organisation, missing_identification
from newsletter_app.preflight import BLOCKS, Finding
from newsletter_app.preflight.tip_rules import tip_findings
from newsletter_app.tips import Tip, TipSide, missing_to_publish
from tests.cli.source import PACKAGE, calls

DEMANDING = Notice(numbered=True, needs_references=True, needs_disclaimer=True)


def bare_tip(*languages: str) -> Tip:
    sides = [TipSide(language=language, title="", lead="", disclaimer="", alt="") for language in languages]
    return Tip(sides=sides, citations=[], image_id=1, image_decorative=False)


CODES = [
    *missing_to_publish(bare_tip(), DEMANDING),
    *missing_to_publish(bare_tip(*LANGUAGES), DEMANDING),
    *missing_identification(None),
    *missing_identification(Organisation(sides=[], phone="", email="", website="")),
]


@pytest.mark.parametrize("code", sorted(set(CODES)))
def test_every_code_has_words(code: str) -> None:
    base = code.removesuffix("-en").removesuffix("-fr")
    assert base in LACKS
    words = lack(code)
    assert "{" not in words
    if code != base:
        assert {"en": "English", "fr": "French"}[code[-2:]] in words


def test_findings_of_preflight_have_words() -> None:
    given = {call.code for call in calls(PACKAGE / "preflight", {"Finding"}, 0)} - {"identity-incomplete"}
    given |= {finding.code for finding in tip_findings(bare_tip("fr"), DEMANDING, date(2026, 3, 2))}
    given |= {f"{part}-{size}" for part in ("html", "text") for size in ("big", "too-big")}
    assert given <= set(LACKS)


def test_an_identity_tells_its_own_code() -> None:
    told = lack_of(Finding("identity-incomplete", BLOCKS, "postal-address-fr"))
    assert told == (
        "the organisation has no French postal address (flask organisation set --postal-address-fr …)"
    )
