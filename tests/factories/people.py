"""Readers for tests: an organisation and notices, and signups decided and confirmed as people do it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import notices, organisation, subscribers, subscriptions
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import Links
from newsletter_app.notices import Notice, Words
from newsletter_app.organisation import Organisation
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Evidence, Signup, SignupForm, WelcomeFacts

HASH_KEY = b"hash key of the tests, 32 octets"
LINKS = Links("https://news.example.org", [b"link key of the tests, 32 octets"])
ROSE = "rose@example.ca"
FORM_WORDING = "Choose notices to receive: Health tips. Example Society will send you only what you tick."
EVIDENCE = Evidence("203.0.113.7", "a phone", "https://news.example.org/confirm", "en", "Yes, subscribe me")

_WORDS: dict[str, dict[Language, Words]] = {
    "tips": {
        "en": Words("Health tips", "One numbered tip, once a week.", "Once a week"),
        "fr": Words("Conseils santé", "Un conseil numéroté, une fois par semaine.", "Une fois par semaine"),
    },
    "events": {
        "en": Words("Events and groups", "Meetings near you or online.", "Once a month"),
        "fr": Words("Activités et entraide", "Des rencontres près de chez vous.", "Une fois par mois"),
    },
    "news": {
        "en": Words("Our news", "What your gifts make possible.", "Four times a year"),
        "fr": Words("Nos nouvelles", "Ce que vos dons rendent possible.", "Quatre fois par année"),
    },
}


def an_organisation(session: Session) -> Organisation:
    """Set the organisation, identified as the law asks, in Edmonton's time zone."""
    organisation.set_facts(
        session, phone="1 780 555-0123", email="hello@example.org", time_zone="America/Edmonton"
    )
    organisation.set_words(
        session, "en", name="Example Society", postal_address="12 Main Street\nEdmonton AB  T5J 0A1"
    )
    return organisation.set_words(
        session,
        "fr",
        name="Société Exemple",
        postal_address="12, rue Main\nEdmonton (Alberta)  T5J 0A1",
    )


def three_notices(session: Session, now: datetime) -> list[Notice]:
    """Add Health tips (numbered), Events and groups, and Our news; set the organisation as well."""
    an_organisation(session)
    return [
        notices.add(session, key=key, words=words, numbered=key == "tips", now=now)
        for key, words in _WORDS.items()
    ]


def a_form(
    notice_ids: Iterable[int], *, address: str = ROSE, language: Language = "en", wording: str = FORM_WORDING
) -> SignupForm:
    """Return a filled-in form."""
    return SignupForm(
        parse_address(address),
        tuple(notice_ids),
        language,
        wording,
        "https://news.example.org/subscribe",
        "203.0.113.7",
        "a phone",
    )


def no_date(_session: Session, _subscriber_id: int) -> datetime | None:
    """Answer, where the next due time is asked for, that nothing is scheduled."""
    return None


def decide(session: Session, signup: Signup, now: datetime) -> str:
    """Decide one signup as the worker does."""
    return subscriptions.decide(session, signup, hash_key=HASH_KEY, now=now, next_due_at=no_date)


def sign_up(session: Session, notice_ids: Iterable[int], now: datetime, *, address: str = ROSE) -> Signup:
    """Post the form and let the worker decide."""
    signup = subscriptions.receive(session, a_form(notice_ids, address=address), now)
    decide(session, signup, now)
    return signup


def confirm(session: Session, signup: Signup, now: datetime) -> subscriptions.ConfirmView:
    """Press the button of the confirm page."""
    return subscriptions.confirm(session, signup, welcome=WelcomeFacts(), evidence=EVIDENCE, now=now)


def an_active_reader(
    session: Session, notice_ids: Sequence[int], now: datetime, *, address: str = ROSE
) -> Subscriber:
    """Return somebody who signed up and confirmed."""
    signup = sign_up(session, notice_ids, now, address=address)
    assert confirm(session, signup, now).state == "done"
    return a_subscriber(session, address)


def a_subscriber(session: Session, address: str = ROSE) -> Subscriber:
    """Return the subscriber with this address, who must be there."""
    found = subscribers.find_by_address(session, parse_address(address), HASH_KEY)
    assert found is not None
    return found


def states(session: Session, subscriber: Subscriber) -> dict[int, str]:
    """Return notice id → state."""
    return {row.notice_id: row.state for row in subscriptions.of_subscriber(session, subscriber.id)}


def mails(session: Session) -> list[ServiceMail]:
    """Return every service mail, oldest first."""
    return list(session.scalars(select(ServiceMail).order_by(ServiceMail.id)))


def kinds(session: Session) -> list[str]:
    """Return the kinds of every service mail, oldest first."""
    return [mail.kind for mail in mails(session)]
