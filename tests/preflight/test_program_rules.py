"""What mail programs lack: found where it is used, and not used by the product's own mails."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app.digests import DigestOf
from newsletter_app.preflight.findings import BLOCKS, Finding
from newsletter_app.preflight.mail_parts import MailParts, parts_of
from newsletter_app.preflight.program_rules import ENHANCEMENTS, lacking, names_in, program_findings
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer


@pytest.mark.parametrize(
    ("html", "about"),
    [
        ("<p>a</p>", None),
        ("<video src='a'></video>", "<video>"),
        ("<p style='display: GRID !important'>a</p>", "display:grid"),
        ("<p style='color: red; background-image: url(a)'>a</p>", "background-image"),
        ("<style>@media print { p { box-shadow: 0 0 1px } }</style>", "box-shadow"),
        ("<style>@font-face { src: url(a) }</style>", "@font-face"),
        ("<style>p { width: clamp(1px, 2px, 3px) }</style>", "clamp()"),
        ("<style>a:hover { color: red /*; box-shadow: 0 */ }</style>", None),
    ],
)
def test_what_a_program_does_not_know(html: str, about: str | None) -> None:  # M55
    found = program_findings(parts_of(html), "en")
    assert [one.about.partition(" ")[0] for one in found] == ([about] if about else [])


def test_it_says_which_programs() -> None:
    (found,) = program_findings(MailParts(inline_styles=["position: absolute"]), "fr")
    assert found == Finding("program-lacks", BLOCKS, "fr", f"position ({', '.join(lacking()['position'])})")
    assert "Gmail" in found.about


def test_our_own_mails_use_nothing_that_is_lacking_but_enhancements(
    session: Session, now: datetime, translations: Path
) -> None:
    """And no enhancement is allowed that nothing uses."""  # M55
    make_organisation(session)
    tip = make_tip(session, make_notice(session, now), 24, now)
    composer, used = make_composer(translations), set[str]()
    for layout in ("standard", "large", "text"):
        content = composer.compose(session, DigestOf((tip.id,), (), "en", layout, None))
        parts = parts_of(content.html)
        used |= set(names_in(parts))
        assert program_findings(parts) == []
    assert used & set(lacking()) == ENHANCEMENTS
