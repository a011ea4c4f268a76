"""What the benchmark mails: the real tip mail of about 30 KB, made of the sample's tips, and one of 1 KB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from bench.audience import FRENCH_EVERY
from bench.scenarios import REAL, SMALL
from config import ROOT
from newsletter_app import digests, tips
from newsletter_app import notices as all_notices
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.mail import Compiled, Content, compile_message, mark
from newsletter_app.notices import Notice
from newsletter_app.ports import Ports
from newsletter_app.tips import Tip, TipDraft

SAMPLE: Final = ROOT / "newsletter_app" / "sample" / "tips"
# So many sections of the sample's tips, one below the other, make a mail of about 30 KB.
SECTIONS: Final = 25
CITATION: Final = re.compile(r"\[\^\d+\]")
SMALL_WORDS: Final[Mapping[Language, str]] = {
    "en": "A short walk after a meal may help. Five minutes are enough to begin with.",
    "fr": "Une petite marche après un repas peut aider. Cinq minutes suffisent pour commencer.",
}


def save_tip(session: Session, number: int, notice: Notice, now: datetime) -> Tip:
    """Save both sides of the long tip under a number of its own; it is in no campaign yet."""
    for language in LANGUAGES:
        # Its topics are the sample's, which an installation of its own has not got.
        draft = replace(_draft(language), number=number, topics=None)
        saved = tips.save_draft(session, draft, notice=notice, now=now)
    return saved.tip


def publish_tip(ports: Ports, number: int) -> None:
    """Put the tip on the web under ``number``; nobody is mailed."""
    with ports.unit_of_work() as session:
        tip = save_tip(session, number, all_notices.offered(session)[0], ports.clock())
        tips.publish(session, tip, ports.clock())


@dataclass(frozen=True, slots=True)
class Mail:
    """A tip's mail in one of two sizes: as the product composes it, or about 1 KB of the same shape."""

    tip: Tip
    notice: Notice
    size: str
    public_url: str
    mail_from: str

    def content(self, session: Session, language: Language) -> Content:
        """Return what the edition in ``language`` says."""
        if self.size == SMALL:
            return small_content(language, self.notice.id, self.mail_from)
        folders = digests.Folders(ROOT / "templates", ROOT / "newsletter_app" / "translations")
        composer = digests.Composer(folders, self.public_url, self.mail_from, datetime.now(UTC))
        edition = digests.DigestOf((self.tip.id,), (self.notice,), language, "standard", None)
        return composer.compose(session, edition)

    def compiled(self, session: Session, language: Language, edition_id: int) -> bytes:
        """Return the edition as the product stores it."""
        seed = f"edition:{edition_id}"
        return compile_message(self.content(session, language), boundary_seed=seed).to_bytes()


def for_rivals(ports: Ports, number: int) -> tuple[str, str, dict[str, int]]:
    """Return the tip mail as Jinja templates (text, HTML), and how long a mail of each size is on average."""
    settings, octets = ports.settings, {}
    with ports.unit_of_work() as session:
        notice = all_notices.offered(session)[0]
        tip = save_tip(session, number, notice, ports.clock())
        for size in (SMALL, REAL):
            mail = Mail(tip, notice, size, settings.public_url, settings.mail_from)
            lengths = {language: octets_of(mail.compiled(session, language, 0)) for language in LANGUAGES}
            octets[size] = round(lengths["en"] + (lengths["fr"] - lengths["en"]) / FRENCH_EVERY)
        english = mail.content(session, "en")
    return _template(english.text), _template(english.html), octets


def small_content(language: Language, notice_id: int, mail_from: str) -> Content:
    """Return a mail of about 1 KB with the headers and slots of a digest."""
    links = f"{mark('asked_on')}\n{mark('choices_url')}\n{mark('stop_url')}\n"
    return Content(
        subject="Walk after meals",
        html=f'<p>{SMALL_WORDS[language]}</p><a href="{mark("stop_url")}">Stop</a>',
        text=f"{SMALL_WORDS[language]}\n{links}",
        from_name="Walk On",
        from_address=mail_from,
        headers=digests.list_fields([notice_id], mail_from),
        slots=digests.SLOTS,
    )


def octets_of(compiled: bytes) -> int:
    """Return how long the message of one reader is, unsigned."""
    link = "http://127.0.0.1:45678/choices/" + "a" * 48
    filled = bytes(
        Compiled.from_bytes(compiled).fill(
            to_address="reader-12345@mail12.example.ca",
            to_name="",
            date=datetime.now(UTC),
            message_id=f"<c7.12345.{'a' * 16}@example.ca>",
            values={"asked_on": "March 2, 2026", "choices_url": link, "stop_url": link},
        )
    )
    return len(filled)


def _template(text: str) -> str:
    for slot in digests.SLOTS:
        text = text.replace(mark(slot.name), "{{ " + slot.name + " }}")
    return text


def _draft(language: Language) -> TipDraft:
    """Return the first sample tip, made long by the sections of those that follow it."""
    read = [_read(path, language) for path in sorted(SAMPLE.glob(f"*.{language}.md"))]
    sections = [part for draft in read for part in re.split(r"\n(?=## )", draft.body)]
    # References are the first tip's alone, and so are the marks that lead to them.
    first, *others = sections[:SECTIONS]
    body = "\n".join([first, *(CITATION.sub("", part) for part in others)])
    return replace(read[0], body=body, image=None, related=(), notice=None)


def _read(path: Path, language: Language) -> TipDraft:
    return tips.read_file(path.name, path.read_bytes(), language, language=language).draft
