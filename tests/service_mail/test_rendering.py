"""Every service mail in both languages: lawful, complete in both parts, and free of what strangers typed."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from newsletter_app import organisation, subscribers, subscriptions
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.kernel.links import read_token
from newsletter_app.mail import HeaderRefused, mark
from newsletter_app.service_mail.composing import Composer
from tests.factories.people import LINKS, decide, mails, three_notices
from tests.factories.service_mails import CONFIRM, EVERY, NONCE, ROSE, SENT_AT, SUBJECTS, WELCOME, Row

BOTH = [(name, language) for name in EVERY for language in LANGUAGES]


@pytest.fixture
def database_url(sqlite_database: URL) -> URL:
    """Render from SQLite only: the database gives the same words whichever it is."""
    return sqlite_database


def test_the_organisations_own_colours(composer: Composer, filled: Session) -> None:
    organisation.set_facts(filled, main_colour="#7A1F5C")
    html = text_of(rendered(composer, filled, "confirm", "fr"), "html")
    assert "background-color: #7A1F5C" in html
    assert "#D7BCCE !important" in html  # M56
    assert not re.search("#0B4A40|#8EDBC6", html)


@pytest.fixture
def composer(templates: Path, translations: Path) -> Composer:
    """Give the composer of a sending process."""
    return Composer(
        template_folder=templates,
        translations_folder=translations,
        links=LINKS,
        mail_from="tips@example.org",
    )


@pytest.fixture
def filled(session: Session, now: datetime) -> Session:
    """Give a database with the organisation and three notices, whose ids are 1, 2 and 3."""
    assert [notice.id for notice in three_notices(session, now)] == [1, 2, 3]
    return session


def rendered(
    composer: Composer, session: Session, name: str, language: Language, facts: dict[str, Any] | None = None
) -> EmailMessage:
    """Return one of the mails, read back by the standard library."""
    kind, usual = EVERY[name]
    octets = composer.compose(session, Row(kind, language, usual if facts is None else facts), SENT_AT)
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, subtype: str) -> str:
    """Return the text or HTML part with single line ends."""
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Outline(HTMLParser):
    """The tags of a document with their attributes, and its visible words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"[ \n]+", " ", "".join(self.words)).strip()


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_subject_sender_and_headers(
    composer: Composer, filled: Session, name: str, language: Language
) -> None:
    message = rendered(composer, filled, name, language)
    organisation = {"en": "Example Society", "fr": "Société Exemple"}[language]
    assert message["Subject"] == SUBJECTS[name][language == "fr"]
    assert message["From"] == f"{organisation} <tips@example.org>"
    answered_by = ROSE if name == "reply" else "hello@example.org"
    assert (message["To"], message["Reply-To"]) == ("rose@example.ca", answered_by)
    assert message["Auto-Submitted"] == "auto-generated"  # M45
    assert not [header for header in message if header.lower().startswith("list-")]  # M25
    assert message["Precedence"] is None
    assert re.fullmatch(r"<s12\.[0-9a-f]{16}@example\.org>", message["Message-ID"])  # M5


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_both_parts_say_who_writes_and_lead_to_the_same_places(  # M7, A12, L20
    composer: Composer, filled: Session, name: str, language: Language
) -> None:
    message = rendered(composer, filled, name, language)
    assert message.get_content_type() == "multipart/alternative"
    text, html = text_of(message, "plain"), text_of(message, "html")
    hrefs = {tag["href"] or "" for tag in Outline(html).all("a")}
    assert {href for href in hrefs if href.startswith("https:")} == set(re.findall(r"https://\S+", text))
    reply = {"en": "A person reads your replies.", "fr": "Une personne lit vos réponses."}[language]
    for part in (text, Outline(html).text):
        assert "12" in part
        assert "1 780 555-0123" in part
        assert (reply in part) is (name != "reply")
    assert max(map(len, (line for line in text.splitlines() if "https:" not in line))) < 400
    assert "\n\n\n" not in text


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_html_is_accessible(  # A8, A9, A10
    composer: Composer, filled: Session, name: str, language: Language
) -> None:
    message = rendered(composer, filled, name, language)
    html = text_of(message, "html")
    outline = Outline(html)
    tag = {"en": "en-CA", "fr": "fr-CA"}[language]
    assert outline.all("html")[0] == {"lang": tag, "dir": "ltr"}
    wrapper = outline.all("div")[0]
    assert (wrapper["lang"], wrapper["dir"]) == (tag, "ltr")
    assert f"<title>{SUBJECTS[name][language == 'fr']}</title>" in unescape(html)
    assert {"charset": "utf-8"} in outline.all("meta")
    viewport = next(meta for meta in outline.all("meta") if meta.get("name") == "viewport")
    assert viewport["content"] == "width=device-width, initial-scale=1"
    assert {"name": "color-scheme", "content": "light dark"} in outline.all("meta")  # M56
    for table in outline.all("table"):
        # A table of figures is one for whoever hears it, too: with a caption, and with heads.
        assert ("role" in table) is (table["class"] != "figures")
        assert table.get("role", "presentation") == "presentation"
        assert (table["border"], table["cellpadding"], table["cellspacing"]) == ("0", "0", "0")
        assert "width=600" not in str(table)
    assert len(outline.all("caption")) == sum(table["class"] == "figures" for table in outline.all("table"))
    assert all(head["scope"] in ("col", "row") for head in outline.all("th"))
    assert all("underline" in (anchor.get("style") or "") for anchor in outline.all("a"))
    assert "font-size: 18px" in (wrapper["style"] or "")
    assert "prefers-color-scheme: dark" in html
    assert len(html.encode()) < 20_000


TUESDAY_EN = "Tuesday, March\u00a03, about 9\u00a0a.m."
TUESDAY_FR = "le mardi 3\u00a0mars, vers 9\u00a0h."
WORDS: list[tuple[str, Language, list[str]]] = [
    (
        "confirm",
        "en",
        [
            "Hello. Someone, we hope you, asked for these emails from Example Society:"
            " Health tips, Events and groups.",
            "There are two steps.",
            'On that page, press "Yes, subscribe me".',
            "works for 7 days. Was it not you? Do nothing. We will send you nothing else.",
        ],
    ),
    (
        "confirm",
        "fr",
        [
            "Bonjour. Quelqu'un, sans doute vous, a demandé ces courriels de Société Exemple\u00a0:"
            " Conseils santé, Activités et entraide.",
            "Il y a deux étapes.",
            "Sur cette page, appuyez sur «\u00a0Oui, abonnez-moi\u00a0».",
            "Ce n'est pas vous? Ne faites rien. Nous ne vous enverrons rien d'autre.",
        ],
    ),
    (
        "already",
        "en",
        [
            "You already get: Health tips. Nothing has changed.",
            f"Your next one comes on {TUESDAY_EN}",
            "You also asked for: Events and groups.",
        ],
    ),
    (
        "already",
        "fr",
        [
            "Vous recevez déjà\u00a0: Conseils santé. Rien n'a changé.",
            f"Le prochain arrive {TUESDAY_FR}",
            "Les ajouter",
        ],
    ),
    (
        "welcome",
        "en",
        [
            "Hello. You are subscribed. Thank you. You will get:",
            "Once a week",
            f"Your first tip comes on {TUESDAY_EN}",
            "Tip 24: Get regular exercise",
            "add tips@example.org to your contacts",
            "Stop these emails",
        ],
    ),
    (
        "welcome",
        "fr",
        [
            "Bonjour. Votre abonnement est confirmé.",
            f"Votre premier conseil arrive {TUESDAY_FR}",
            "Conseil 24",
            "Arrêter ces courriels",
        ],
    ),
    ("link", "fr", ["Voici votre lien.", "Rien n'a changé."]),
    ("unknown", "en", ["We send nothing here.", "Or call us."]),
    (
        "goodbye",
        "en",
        [
            "You will get no more Health tips, Events and groups. One that was already on its way",
            "You can start again for 30 days.",
            "You do not need to reply. Take care.",
        ],
    ),
    ("address-old-before", "fr", ["veut que nous écrivions à n•••@example.org plutôt qu'ici."]),
    (
        "review",
        "en",
        ["eve@example.org asks somebody to read this tip and approve it:", "Tip 24: Walk a little"],
    ),
    ("approved", "fr", ["max@example.org a approuvé ce conseil\u00a0:", "Ouvrir le conseil"]),
    ("given-back", "en", ["max@example.org gave this tip back:", "This is to be done:", "Too long."]),
    ("tomorrow", "en", [f"This tip goes out on {TUESDAY_EN}", "12,345 readers get it."]),
    ("went", "fr", ["Accepté\u00a0: 12\u00a0345", "2 fois\u00a0: 550 5.1.1 no such user here"]),
    ("gap", "en", ["No tip is scheduled for the week of Monday, March 9.", "2 tips are approved"]),
    ("gap-none", "fr", ["il faut d'abord en écrire un"]),
    ("board", "fr", ["Personnes", "1\u00a0200", "Tous les avis", "janvier 2026"]),
    ("still-breaker", "en", ["mx.example.org:25: 550 5.7.1 refused", "It goes on by itself"]),
    ("still-side-missing", "en", ["The page says what."]),
    ("invite", "en", ["Choose a password", "It works for 7 days."]),
    ("trial", "en", ["This is the test mail that you asked for."]),
    ("reset", "fr", ["Quelqu'un a demandé un nouveau mot de passe", "Il fonctionne une heure."]),
    ("reply", "en", ["A reader answered one of your emails. Press Reply", "How far <do> I walk?", "Rose"]),
    ("address-old-after", "en", ["From today we write to n•••@example.org. You can undo this for 30 days."]),
]


@pytest.mark.parametrize(("name", "language", "sentences"), WORDS)
def test_the_words(
    composer: Composer, filled: Session, name: str, language: Language, sentences: list[str]
) -> None:
    message = rendered(composer, filled, name, language)
    for part in (text_of(message, "plain"), Outline(text_of(message, "html")).text):
        flowing = re.sub(r"[ \n]+", " ", part)
        for sentence in sentences:
            assert sentence in flowing


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_nothing_is_left_unsaid_or_unfilled(  # M12
    composer: Composer, filled: Session, name: str, language: Language
) -> None:
    message = rendered(composer, filled, name, language)
    for part in (message["Subject"], text_of(message, "plain"), text_of(message, "html")):
        assert not re.search(r"\{\{|\{%|%\(|None|Undefined|Hello ,|Bonjour ,|Slot7Qx|\.\.", part)


@pytest.mark.parametrize(
    ("name", "language", "greeting"),
    [
        ("", "en", "Hello."),
        ("", "fr", "Bonjour."),
        ("Rose", "en", "Hello Rose."),
        ("Zoé", "fr", "Bonjour Zoé."),
    ],
)
def test_greeting(  # M12
    composer: Composer, filled: Session, name: str, language: Language, greeting: str
) -> None:
    message = rendered(composer, filled, "welcome", language, WELCOME | {"name": name})
    assert greeting in text_of(message, "plain")
    assert greeting in Outline(text_of(message, "html")).text


def test_welcome_without_a_date_promises_none(composer: Composer, filled: Session) -> None:
    message = rendered(composer, filled, "welcome", "en", WELCOME | {"first_at": None, "tip_url": ""})
    assert message["Subject"] == "Welcome. Your first tip comes as soon as it is ready"
    assert "You can read one now" not in text_of(message, "plain")


def test_a_notice_without_numbers_sends_emails_not_tips(composer: Composer, filled: Session) -> None:
    message = rendered(composer, filled, "welcome", "fr", WELCOME | {"notice_ids": [2]})
    assert message["Subject"] == "Bienvenue. Votre premier courriel arrive le mardi 3 mars"
    assert "conseil arrive" not in text_of(message, "plain")


@pytest.mark.parametrize(
    "name", ['<script>alert("x")</script>', "{{ 7*7 }}", "%(org)s %s", mark("org"), "Rose\r\nBcc: a@b.ca"]
)
def test_a_hostile_name_is_inert(composer: Composer, filled: Session, name: str) -> None:  # M11, S14
    message = rendered(composer, filled, "welcome", "en", WELCOME | {"name": name})
    html = text_of(message, "html")
    assert "<script" not in html
    assert "49" not in html
    assert message["Bcc"] is None


def test_a_tip_title_cannot_open_a_tag(composer: Composer, filled: Session) -> None:
    message = rendered(composer, filled, "welcome", "en", WELCOME | {"tip_title": "Salt < 5 g & <b>sugar"})
    assert "Salt &lt; 5 g &amp; &lt;b&gt;sugar" in text_of(message, "html")
    assert "Tip 24: Salt < 5 g & <b>sugar" in text_of(message, "plain")


def test_the_links_are_proved_and_lead_to_their_pages(composer: Composer, filled: Session) -> None:
    message = rendered(composer, filled, "already", "en")
    urls = re.findall(r"https://news\.example\.org/(\w+)/(\S+)", text_of(message, "plain"))
    assert [path for path, _ in urls] == ["choices", "confirm"]
    for _, spelled in urls:
        token = read_token(spelled)
        assert token is not None
        assert LINKS.proves(token, NONCE)
        assert not LINKS.proves(token, b"another nonce")  # S8


def test_the_same_row_makes_the_same_octets(composer: Composer, filled: Session) -> None:  # M4, M5
    row = Row("confirm", "fr", CONFIRM)
    assert composer.compose(filled, row, SENT_AT) == composer.compose(filled, row, SENT_AT)
    other = Row("confirm", "fr", CONFIRM, id=13)
    assert b"<s13." in composer.compose(filled, other, SENT_AT)


def test_an_address_no_header_can_hold_is_refused(composer: Composer, filled: Session) -> None:  # M10
    with pytest.raises(HeaderRefused):
        composer.compose(filled, Row("confirm", "en", CONFIRM, address="rosé@example.ca"), SENT_AT)


HOSTILE = "Cheap pills http://evil.example <b>now</b>"


@pytest.mark.parametrize("kind", ["confirm", "already", "link", "unknown"])
def test_nothing_typed_stands_in_the_mail(  # S3
    composer: Composer, session: Session, now: datetime, kind: str
) -> None:
    notice_ids = [notice.id for notice in three_notices(session, now)]
    address = "buy.pills.at.evil.example@example.ca"
    if kind in ("already", "link"):
        reader = subscribers.create(
            session, parse_address(address), "en", b"hash key of the tests, 32 octets", now
        )
        subscriptions.choose(session, reader, notice_ids[:1], evidence=subscriptions.Evidence(), now=now)
        subscribers.set_name(session, reader, HOSTILE)
    form = subscriptions.SignupForm(
        parse_address(address), tuple(notice_ids), "en", HOSTILE, "https://evil.example/", "::1", HOSTILE
    )
    signup = subscriptions.receive(session, form, now, "link" if kind in ("link", "unknown") else "subscribe")
    decide(session, signup, now)
    (row,) = mails(session)
    assert row.kind == kind
    message = message_from_bytes(
        composer.compose(session, Row(kind, "en", row.facts, row.address), SENT_AT), policy=policy.default
    )
    assert message["To"] == address
    del message["To"]
    everything = str(message["Subject"]) + text_of(message, "plain") + text_of(message, "html")
    assert not re.search(r"pills|evil|Cheap", everything)
