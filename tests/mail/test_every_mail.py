"""Every mail the product makes, correct to the octet whatever words people gave it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import Language
from newsletter_app.mail import HeaderRefused
from newsletter_app.mail.encoding import clean_body, clean_header
from tests.factories.every_mail import ALL, MAIL_FROM, PLAIN, Post, Words
from tests.factories.service_mails import SUBJECTS
from tests.factories.signing import signing_key
from tests.mail import plain_dkim, strict_parser
from tests.mail.samples import INJECTIONS, body_texts, header_texts
from tests.mail.strict_parser import StrictMessage

UNFILLED = re.compile(r"\{\{|\{%|%\(|\bNone\b|Undefined|Slot7Qx")
ADDRESS = re.compile(r"https?://[^\s<>()\"]+")
SUBJECT_OF = {
    "tip": ("Tip 24: {}", "Conseil 24\u00a0: {}"),
    "week": ("Tip 24: {}, and 2 more", "Conseil 24\u00a0: {}, et 2 autres"),
}


def is_kept(text: str) -> bool:
    """Whether every database keeps it (NUL and half a character none does), and it is not looked for."""
    return not re.search("[\0\ud800-\udfff]", text) and not UNFILLED.search(text)


written = body_texts.filter(is_kept)
said = header_texts.filter(is_kept).filter(clean_header)
all_words = st.builds(
    Words, organisation=said, notice=said, title=said, lead=written, body=written, reader=said, appeal=written
)
each_mail = pytest.mark.parametrize(
    ("name", "language", "layout"), ALL, ids=["-".join(filter(None, mail)) for mail in ALL]
)


@pytest.fixture
def database_url(sqlite_database: URL) -> URL:
    """Compose from SQLite only: the database gives the same words whichever it is."""
    return sqlite_database


@pytest.fixture
def post(session: Session, translations: Path, now: datetime) -> Post:
    return Post(session, translations, now)


class Page(HTMLParser):
    """The web addresses that the HTML leads to, and the words that it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.words = ""
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = self._silent or tag in ("style", "title")
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith(("http://", "https://")):
            self.links.add(address)

    def handle_endtag(self, tag: str) -> None:
        self._silent = self._silent and tag not in ("style", "title")

    def handle_data(self, data: str) -> None:
        self.words += "" if self._silent else data


def flowing(text: str) -> str:
    """Return the words of a body on one line, whatever lines they stand in."""
    return " ".join(clean_body(text).split())


def subject_of(name: str, language: Language, words: Words) -> str:
    """Return what a mail's subject says."""
    pattern = {**SUBJECTS, **SUBJECT_OF}[name][language == "fr"]
    for usual, now in {
        "Example Society": words.organisation,
        "Société Exemple": words.organisation,
        "Health tips": words.notice,
        "Conseils santé": words.notice,
        "{}": words.title,
    }.items():
        pattern = pattern.replace(usual, now)
    return clean_header(pattern)


def assert_lawful(raw: bytes) -> StrictMessage:
    """M1–M3 and M5–M8 as strict_parser reads them, and nothing that another reader reads otherwise."""
    read = strict_parser.parse(raw)
    message = message_from_bytes(raw, policy=policy.default)
    assert [part.defects for part in message.walk()] == [[], [], []]
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/alternative", "text/plain", "text/html")
    ]
    assert message.keys() == [name for name, _ in read.fields]
    bodies = [part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in message.iter_parts()]
    assert bodies == [read.text, read.html]
    return read


@each_mail
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=2)
@example(words=Words(appeal="Give at https://give.example.org/" + "a-" * 60))
@given(words=all_words)
def test_any_words_make_a_lawful_mail(
    post: Post, name: str, language: Language, layout: str, words: Words
) -> None:
    # M1, M2, M3, M5, M6, M7, M8, M12
    read = assert_lawful(post.mail(name, language, layout, words))
    assert read.subject == subject_of(name, language, words)
    assert read.mailbox("From") == (clean_header(words.organisation), MAIL_FROM)
    assert read.mailbox("To") == (clean_header(words.reader) if layout else "", "rose@example.ca")
    page = Page(read.html)
    assert bool(page.links) == (name not in ("unknown", "reply", "trial"))
    assert page.links <= set(ADDRESS.findall(read.text))
    for part in (read.subject, read.text, read.html):
        assert not UNFILLED.search(part)
    for part in (read.text, page.words):
        assert flowing(words.organisation) in flowing(part)
        assert not layout or flowing(words.appeal) in flowing(part)


# Between them they have each field that a header is written from, in each place that it has.
HEADED: list[tuple[str, Language, str]] = [
    ("goodbye", "en", ""),
    ("confirm", "fr", ""),
    ("tip", "en", "text"),
]


@pytest.mark.parametrize(("name", "language", "layout"), HEADED)
def test_no_word_adds_a_header(post: Post, name: str, language: Language, layout: str) -> None:
    # M3, M11
    plain = assert_lawful(post.mail(name, language, layout, PLAIN))
    for payload in filter(is_kept, INJECTIONS):
        words = replace(PLAIN, organisation=payload, notice=payload, title=payload, reader=payload)
        attacked = assert_lawful(post.mail(name, language, layout, words))
        assert [field for field, _ in attacked.fields] == [field for field, _ in plain.fields]
        different = {field for field, value in plain.fields if attacked.one(field) != value}
        assert different <= {"From", "To", "Subject"}
        assert attacked.subject == subject_of(name, language, words)
        assert "<script>" not in attacked.html


@pytest.mark.parametrize(("name", "layout"), [("confirm", ""), ("tip", "standard")])
@pytest.mark.parametrize("payload", INJECTIONS[:3])
def test_no_address_adds_a_header(post: Post, name: str, layout: str, payload: str) -> None:
    # M10, M11
    with pytest.raises(HeaderRefused):
        post.mail(name, "en", layout, PLAIN, to=f"{payload} <rose@example.ca>")


@each_mail
def test_what_nobody_filled_in_leaves_no_hole(post: Post, name: str, language: Language, layout: str) -> None:
    # M12
    blank = Words(lead="", body="", reader="", appeal="", how_often="", phone="")
    read = assert_lawful(post.mail(name, language, layout, blank))
    for part in (read.text, Page(read.html).words):
        assert not re.search(r"\bNone\b|\(\)|\[\]|: *\.|,\s*[.,]", part)
        assert not re.search(r"(Hello|Bonjour)(?!\.)", part)
    assert "\n\n\n\n" not in read.text


OF_A_NEWSLETTER = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Archive"} | {
    *("Feedback-ID", "Precedence")
}


@each_mail
def test_the_fields_of_each_mail_are_signed(post: Post, name: str, language: Language, layout: str) -> None:
    # M25, M27, M33, M44, M45: those of a newsletter, or the mark of a machine's answer, and never both.
    post.keys[:] = [signing_key("r1")]
    raw = post.mail(name, language, layout, PLAIN)
    fields = [field for field, _ in strict_parser.parse(raw).fields if field != "DKIM-Signature"]
    own = OF_A_NEWSLETTER if layout else {"Auto-Submitted"}
    assert {field for field in fields if field.startswith(("List-", "Feedback", "Precedence", "Auto"))} == own
    [signature] = plain_dkim.signatures(raw)
    assert signature.names[: len(fields)] == [field.lower() for field in fields]
    assert signature.tags["d"] == "example.org"
