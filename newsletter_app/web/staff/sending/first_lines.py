"""What a list of mails shows of a tip's mail before anybody opens it: sender, subject, first words."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from newsletter_app import notices, preflight, tips
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.mail import Content
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


class Remembering(Composer):
    """A composer for one look: what is asked for twice is composed once."""

    def __init__(self) -> None:
        """Compose mails as they would be made now."""
        settings = ports().settings
        super().__init__(
            FOLDERS,
            settings.public_url,
            settings.mail_from,
            ports().clock(),
            stop_domain=settings.stop_domain,
            tells_postmark=settings.tells_postmark,
        )
        self._contents: dict[DigestOf, Content] = {}

    def compose(self, session: Session, edition: DigestOf) -> Content:
        """Return the mail, as it was composed the first time."""
        if edition not in self._contents:
            self._contents[edition] = super().compose(session, edition)
        return self._contents[edition]


def first_lines(tip: Tip, composer: Composer) -> list[FirstLines]:
    """Return the first lines of each language in which something is written, as they would leave now."""
    notice = notices.find(session(), tip.notice_id)
    found = []
    with tips.as_it_would_leave(session(), tip):
        for language in LANGUAGES:
            side = tip.side(language)
            if notice is None or side is None or not side.title:
                continue
            content = composer.compose(session(), DigestOf((tip.id,), (notice,), language, "standard", None))
            preheader = preflight.preheader_of(content)
            found.append(FirstLines(language, content.from_name, content.subject, preheader))
    return found
