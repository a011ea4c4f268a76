"""What a list of mails shows of a tip's mail before anybody opens it: sender, subject, first words."""

from __future__ import annotations

from typing import NamedTuple

from newsletter_app import notices, preflight, tips
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips import Tip
from newsletter_app.web.database import session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.writing.previews import FOLDERS


class FirstLines(NamedTuple):
    """One language's line in a list of mails."""

    language: Language
    sender: str
    subject: str
    preheader: str


def first_lines(tip: Tip) -> list[FirstLines]:
    """Return the first lines of each language in which something is written, as they would leave now."""
    notice = notices.find(session(), tip.notice_id)
    composer = composer_now()
    found = []
    with tips.as_it_would_leave(session(), tip):
        for language in LANGUAGES:
            side = tip.side(language)
            if notice is None or side is None or not side.title:
                continue
            edition = DigestOf((tip.id,), (notice,), language, "standard", None)
            content = composer.compose(session(), edition)
            found.append(
                FirstLines(language, content.from_name, content.subject, preflight.preheader_of(content))
            )
    return found


def composer_now() -> Composer:
    """Return a composer of mails as they would be made now."""
    settings = ports().settings
    return Composer(FOLDERS, settings.public_url, settings.mail_from, ports().clock())
