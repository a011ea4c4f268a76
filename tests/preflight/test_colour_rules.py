"""Colours that cannot be read stop a mail, in the scheme in which they are faint."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import organisation, preflight
from newsletter_app.organisation import palette
from newsletter_app.preflight import BLOCKS
from newsletter_app.preflight.colour_rules import colour_findings
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer


@pytest.mark.parametrize(
    ("colours", "schemes"),
    [
        ({}, set()),
        ({"main": "#0B4A40"}, set()),
        ({"main": "#FFE680"}, {"light"}),
        ({"main": "#0B4A40", "main_dark": "#0B4A40"}, {"dark"}),
        ({"main": "#FFE680", "main_dark": "#0B4A40"}, {"light", "dark"}),
    ],
)
def test_each_scheme_is_judged_by_itself(colours: dict[str, str], schemes: set[str]) -> None:
    # A2, M56: once for each colour, by the place where it is faintest.
    found = colour_findings(palette(**colours))
    assert [finding.where for finding in found] == sorted(schemes)
    assert {(finding.code, finding.level) for finding in found} <= {("colour-faint", BLOCKS)}


def test_the_worst_place_is_told() -> None:
    (finding,) = colour_findings(palette(main="#FFE680"))
    assert finding.about.startswith("main-colour #FFE680 on its ")
    assert finding.about.endswith(" to 1 and needs 4.5")


def test_colours_of_a_restored_backup_stop_a_mail(
    session: Session, now: datetime, translations: Path
) -> None:
    """What was set by an older version is not believed for having been set."""  # M56
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    organisation.get(session).main_colour = "#FFE680"
    found = preflight.check(session, tip, make_composer(translations), now=now)
    assert [(finding.code, finding.where) for finding in found] == [("colour-faint", "light")]
