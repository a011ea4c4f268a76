"""Every mail the product makes, as it is handed over: service mails and digests, whatever their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from newsletter_app import organisation, sample
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.kernel.links import Purpose
from newsletter_app.mail import Signing, SigningKey, compile_message
from newsletter_app.media import Image
from newsletter_app.service_mail.composing import Composer as ServiceComposer
from newsletter_app.tips import Tip, save_draft
from newsletter_app.tips.reading import read_file
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


PLAIN = Words()
SAMPLE_FOLDER = Path(sample.__file__).parent
SAMPLE = ("tips/01", "tips/02", "events/walking-group")


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
        self._digests = make_composer(translations, stop_domain="bounce.example.org")
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

    def say_the_sample(self, now: datetime) -> None:
        """Have the tips say what the product's own sample says in each language, with a picture."""
        homes = (self.notices[0], self.notices[0], self.notices[1])
        for tip, stem, notice in zip(self.tips, SAMPLE, homes, strict=True):
            for path in sorted(SAMPLE_FOLDER.glob(f"{stem}.*.md")):
                read = read_file(path.name, path.read_bytes(), "en").draft
                draft = replace(read, number=tip.number, topics=None)
                save_draft(self.session, draft, notice=notice, now=now, into=tip, all_sides=True)
            tip.image_id, tip.image_decorative = self._picture(stem, now).id, False
        self.session.flush()

    def _picture(self, name: str, now: datetime) -> Image:
        facts = {"mime": "image/png", "width": 1200, "height": 800, "octets": 90_000}
        image = Image(name=f"{name.replace('/', '-')}.png", sha256=name, created_at=now, **facts)
        self.session.add(image)
        self.session.flush()
        return image

    def mail(
        self, name: str, language: Language, layout: str, words: Words, to: str = "rose@example.ca"
    ) -> bytes:
        """Return the mail of that name as it leaves, with ``words`` in it wherever they are said."""
        self.say(words)
        return self.as_it_stands(name, language, layout, words, to)

    def as_it_stands(
        self, name: str, language: Language, layout: str, words: Words = PLAIN, to: str = "rose@example.ca"
    ) -> bytes:
        """Return the mail with what the database says; of ``words`` it has the reader, and a linked title."""
        if layout:
            return self._digest(self._of(name, language, layout), words.reader, to)
        kind, facts = EVERY[name]
        if facts is WELCOME:
            facts = facts | {"name": words.reader, "tip_title": words.title}
        return self._service.compose(self.session, Row(kind, language, facts, to), SENT_AT)

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
            "stop_local": LINKS.stop_local((7, *notice_ids)),
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
