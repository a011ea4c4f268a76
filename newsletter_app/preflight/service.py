"""Looking at a tip, its organisation and its composed mail before a launch; nothing is changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import notices, organisation
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.mail import Content
from newsletter_app.organisation import missing_identification
from newsletter_app.preflight.rules import BLOCKS, Finding, size_findings, tip_findings
from newsletter_app.tips import Tip


def check(session: Session, tip: Tip, composer: Composer | None = None, *, now: datetime) -> list[Finding]:
    """Return what is wrong with mailing ``tip`` now; a ``composer`` composes and weighs its mails too."""
    codes = missing_identification(organisation.find(session))
    today = organisation.local_day(session, now)
    found = [Finding("identity-incomplete", BLOCKS, code) for code in codes]
    notice = notices.find(session, tip.notice_id)
    found += tip_findings(tip, notice, today) if notice else [Finding("notice-missing", BLOCKS)]
    if composer is not None and notice is not None and not any(item.level == BLOCKS for item in found):
        for language in LANGUAGES:
            edition = DigestOf((tip.id,), (notice,), language, "standard", None)
            try:
                found += check_content(composer.compose(session, edition), language)
            except Breach as breach:
                found.append(Finding(breach.code, BLOCKS, language))
    return found


def check_content(content: Content, where: str) -> list[Finding]:
    """Return what is wrong with a composed mail."""
    return size_findings(content.html, where)


def blocking_codes(session: Session, tip: Tip, now: datetime) -> list[str]:
    """Return what forbids to launch ``tip`` now, as ``code:where``; compiling weighs each edition again."""
    blocking = [item for item in check(session, tip, now=now) if item.level == BLOCKS]
    return [f"{item.code}:{item.where}" if item.where else item.code for item in blocking]
