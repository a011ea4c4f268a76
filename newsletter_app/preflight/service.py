"""Looking at a tip, its organisation and its composed mail before a launch; nothing is changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from newsletter_app import notices, organisation
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.mail import Content
from newsletter_app.organisation import missing_identification
from newsletter_app.preflight.findings import BLOCKS, Finding
from newsletter_app.preflight.mail_rules import lawful_findings, size_findings
from newsletter_app.preflight.tip_rules import picture_findings, tip_findings
from newsletter_app.tips import Tip


def check(
    session: Session,
    tip: Tip,
    composer: Composer | None = None,
    *,
    now: datetime,
    day: date | None = None,
) -> list[Finding]:
    """Return what is wrong with mailing ``tip`` now; a ``composer`` composes and weighs its mails too.

    With the ``day`` on which it is to leave, the rights to its picture are looked at.
    """
    codes = missing_identification(organisation.find(session))
    today = organisation.local_day(session, now)
    found = [Finding("identity-incomplete", BLOCKS, code) for code in codes]
    notice = notices.find(session, tip.notice_id)
    found += tip_findings(tip, notice, today) if notice else [Finding("notice-missing", BLOCKS)]
    found += picture_findings(tip, day) if day is not None else []
    if composer is not None and notice is not None and not any(item.level == BLOCKS for item in found):
        for language in LANGUAGES:
            edition = DigestOf((tip.id,), (notice,), language, "standard", None)
            try:
                found += check_content(session, composer.compose(session, edition), language)
            except Breach as breach:
                found.append(Finding(breach.code, BLOCKS, _place(breach) or language))
    return found


def check_content(session: Session, content: Content, language: Language) -> list[Finding]:
    """Return what is wrong with a composed mail. Raises Breach without an organisation."""
    owner = organisation.get(session).side(language)
    return [*size_findings(content.html, language), *lawful_findings(content, owner, language)]


def _place(breach: Breach) -> str:
    """Return where a template is at fault, and why; "" for any other breach."""
    if breach.code != "template-faulty":
        return ""
    return "{template}, line {line}: {reason}".format_map(breach.facts)


def blocking_codes(session: Session, tip: Tip, now: datetime) -> list[str]:
    """Return what forbids to launch ``tip`` now, as ``code:where``; compiling weighs each edition again."""
    blocking = [item for item in check(session, tip, now=now) if item.level == BLOCKS]
    return [f"{item.code}:{item.where}" if item.where else item.code for item in blocking]
