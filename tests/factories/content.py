"""Makers of notices, an organisation and tips, with believable words in both languages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import notices, organisation, tips
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Notice, Words
from newsletter_app.organisation import Organisation
from newsletter_app.tips import ReferenceDraft, Tip, TipDraft

WORDS = {
    "tips": {
        "en": Words("Health tips", "One numbered tip, once a week.", "Once a week"),
        "fr": Words("Conseils santé", "Un conseil numéroté, une fois par semaine.", "Une fois par semaine"),
    },
    "events": {
        "en": Words("Events and groups", "Meetings near you or online.", "Once a month"),
        "fr": Words("Activités et entraide", "Des rencontres près de chez vous.", "Une fois par mois"),
    },
}
REFERENCE = ReferenceDraft(
    text="Roy R. Steps and balance. J Walk 2020;5(1):1–9. doi:10.1000/steps.2020", doi="10.1000/steps.2020"
)


def make_organisation(session: Session) -> Organisation:
    """Set an organisation that may lawfully write."""
    organisation.set_facts(
        session, email="help@example.org", phone="403-555-0100", website="https://example.org"
    )
    organisation.set_facts(
        session, donation_url="https://example.org/give", privacy_contact="privacy@example.org"
    )
    organisation.set_words(
        session, "en", name="Walk On", appeal="We need you.", postal_address="Box 1, Calgary AB"
    )
    organisation.set_words(
        session,
        "fr",
        name="En marche",
        appeal="Nous avons besoin de vous.",
        postal_address="C. P. 1, Calgary AB",
    )
    return organisation.get(session)


def make_notice(session: Session, now: datetime, key: str = "tips") -> Notice:
    """Add a notice: numbered for "tips", not for the others."""
    words = WORDS.get(key) or {
        language: Words(f"{key} {language}", "A sentence.", "Now and then") for language in LANGUAGES
    }
    return notices.add(session, key=key, words=words, numbered=key == "tips", now=now)


def make_draft(number: int | None, language: str = "en", **changes: object) -> TipDraft:
    """Return what reading one side of a tip gives."""
    facts: dict[str, object] = {
        "number": number,
        "language": language,
        "title": f"Walk a little {number or ''}".strip()
        if language == "en"
        else f"Marchez un peu {number or ''}".strip(),
        "lead": "A short walk may help. Begin slowly."
        if language == "en"
        else "Une petite marche peut aider.",
        "body": "## Begin\n\nTen minutes are enough.[^1]"
        if language == "en"
        else "## Débutez\n\nDix minutes.[^1]",
        "disclaimer": "Ask your doctor first." if language == "en" else "Parlez-en à votre médecin.",
        "image": None,
        "references": (REFERENCE,),
    }
    return TipDraft(**(facts | changes))


def make_tip(session: Session, notice: Notice, number: int | None, now: datetime, **changes: object) -> Tip:
    """Save both sides of a tip and put it on the web; nobody is mailed."""
    saved = tips.save_draft(session, make_draft(number, "en", **changes), notice=notice, now=now)
    tips.save_draft(session, make_draft(number, "fr"), notice=notice, now=now, into=saved.tip)
    tips.publish(session, saved.tip, now)
    return saved.tip
