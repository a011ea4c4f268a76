"""Every mail the product makes, as it is handed over: service mails and digests, whatever their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.kernel.links import Purpose
from newsletter_app.mail import Signing, SigningKey, compile_message
from newsletter_app.service_mail.composing import Composer as ServiceComposer
from newsletter_app.tips import Tip
from tests.factories.content import make_tip
from tests.factories.engine import ROOT, make_composer
from tests.factories.people import LINKS, three_notices
from tests.factories.service_mails import EVERY, SENT_AT, WELCOME, Row

MAIL_FROM = "tips@example.org"
LAYOUTS = ("standard", "large", "text")
# One tip of one notice; and all that a week brought in two notices, one of them without numbers.
DIGESTS = ("tip", "week")
ALL = [
    *((name, language, "") for name in EVERY for language in LANGUAGES),
    *((name, language, layout) for name in DIGESTS for language in LANGUAGES for layout in LAYOUTS),
]


@dataclass(frozen=True)
class Words:
    """What people typed, and what stands in some mail because of it."""

    organisation: str = "Walk On"
    notice: str = "Health tips"
    title: str = "Walk a little"
    lead: str = "A short walk may help. Begin slowly."
    body: str = "## Begin\n\nTen minutes are enough.[^1]"
    reader: str = "Rose"
    appeal: str = "We need you."
    how_often: str = "Once a week"
    phone: str = "1 780 555-0123"


class Post:
    """An organisation with notices and tips, and what makes the mails of them."""

    def __init__(
        self, session: Session, translations: Path, now: datetime, keys: Sequence[SigningKey] = ()
    ) -> None:
        """Fill an empty database; ``keys`` sign every mail."""
        self.session, self.keys = session, list(keys)
        self.notices = three_notices(session, now)
        organisation.set_facts(
            session, website="https://example.org", donation_url="https://example.org/give"
        )
        numbered, events = self.notices[0], self.notices[1]
        self.tips = [
            make_tip(session, numbered, 24, now),
            make_tip(session, numbered, 23, now),
            make_tip(session, events, None, now),
        ]
        self._digests = make_composer(translations)
        self._service = ServiceComposer(
            template_folder=ROOT / "templates",
            translations_folder=translations,
            links=LINKS,
            mail_from=MAIL_FROM,
            keys=self.keys,
        )

    def say(self, words: Words) -> None:
        """Have ``words`` stand in both languages; only then do mails say them."""
        organisation.set_facts(self.session, phone=words.phone)
        for language in LANGUAGES:
            organisation.set_words(self.session, language, name=words.organisation, appeal=words.appeal)
            side = self.notices[0].side(language)
            side.name, side.how_often = words.notice, words.how_often
            shown = self.tips[0].side(language)
            assert shown is not None
            shown.title, shown.lead, shown.body = words.title, words.lead, words.body
        self.session.flush()
        # A composer renders a tip once.
        self._digests._fragments.clear()

    def mail(
        self, name: str, language: Language, layout: str, words: Words, to: str = "rose@example.ca"
    ) -> bytes:
        """Return the mail of that name as it leaves, with ``words`` in it wherever they are said."""
        self.say(words)
        if not layout:
            kind, facts = EVERY[name]
            if facts is WELCOME:
                facts = facts | {"name": words.reader, "tip_title": words.title}
            return self._service.compose(self.session, Row(kind, language, facts, to), SENT_AT)
        return self._digest(self._of(name, language, layout), words.reader, to)

    def _of(self, name: str, language: Language, layout: str) -> DigestOf:
        tips: list[Tip] = self.tips if name == "week" else self.tips[:1]
        notices = tuple(self.notices[: 2 if name == "week" else 1])
        next_at = SENT_AT if name == "week" else None
        return DigestOf(tuple(tip.id for tip in tips), notices, language, layout, next_at)

    def _digest(self, of: DigestOf, reader: str, to: str) -> bytes:
        compiled = compile_message(self._digests.compose(self.session, of), boundary_seed="edition:1")
        notice_ids = [notice.id for notice in of.notices]
        values = {
            "asked_on": "March 3, 2026",
            "choices_url": LINKS.url("choices", LINKS.token(Purpose.CHOICES, (7,), b"12345678")),
            "stop_url": LINKS.url("stop", LINKS.token(Purpose.STOP, (7, *notice_ids))),
        }
        return bytes(
            compiled.fill(
                to_address=to,
                to_name=reader,
                date=SENT_AT,
                message_id="<c1.7.0123456789abcdef@example.org>",
                values=values,
                signer=Signing(compiled, self.keys) if self.keys else None,
            )
        )
