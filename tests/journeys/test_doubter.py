"""Every mail as a server meets it that believes nobody: DKIM, SPF and DMARC pass; what is forged is refused.

The DNS holds the records that ``flask doctor records`` says to publish, with the policy "reject".
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from newsletter_app.authentication import Identity, PublicKey
from newsletter_app.authentication.records import records_to_publish
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.mail import SigningKey, compile_message
from newsletter_app.mail.dkim import Signing
from newsletter_app.service_mail.composing import Composer
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer
from tests.factories.people import LINKS, three_notices
from tests.factories.service_mails import EVERY, Row
from tests.factories.signing import signing_key
from tests.journeys.doubter import doubter
from tests.journeys.postfix import Postfix
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.postfix, pytest.mark.opendmarc]
KEY = signing_key("r1")
BOTH = [(name, language) for name in EVERY for language in LANGUAGES]
SENDER = "b.26.3.k7q@bounce.example.org"
OURS, STRANGER = "198.51.100.7", "198.51.100.8"  # The SPF record names the first.


def zone(key: SigningKey) -> dict[str, dict[str, list[str]]]:
    """Return the DNS of a sender who published what doctor says, and then asked to have forgeries refused."""
    us = Identity(
        from_domain="example.org",
        bounce_domain="bounce.example.org",
        ehlo_name="mail.example.org",
        remote_servers=(OURS,),
        keys=(PublicKey(key.selector, key.record()),),
    )
    records: dict[str, dict[str, list[str]]] = {}
    for record in records_to_publish(us):
        value = record.value.replace("p=none", "p=reject")
        records.setdefault(record.name, {}).setdefault(record.kind, []).append(value)
    return records


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    """Run the server for all tests of this file."""
    with doubter(zone(KEY)) as running:
        yield running


@pytest.fixture
def database_url(sqlite_database: URL) -> URL:
    """Compose from SQLite alone: the database gives the same words whichever it is."""
    return sqlite_database


def hand_over(
    server: Postfix, octets: bytes, recipient: str, sender: str = SENDER, source: str = OURS
) -> None:
    """Hand one mail over, as if from the address ``source``."""
    with smtplib.SMTP("127.0.0.1", server.port, "mail.example.org") as smtp:
        smtp.ehlo()
        code, said = smtp.docmd("XCLIENT", f"ADDR={source} NAME=mail.example.org")
        assert code == 220, said
        smtp.ehlo()
        smtp.sendmail(sender, [recipient], octets)


def verdicts(server: Postfix, recipient: str) -> str:
    """Return what the server wrote into the mail of ``recipient`` about it, once it lies there."""

    def found() -> str:
        for file in (server.folder / "taken").glob("**/new/*"):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            if mail["Delivered-To"] == recipient:
                return " ".join(str(line) for line in mail.get_all("Authentication-Results", []))
        return ""

    return until(found, f"{recipient} has its mail: {server.log()}", every=0.01)


def assert_believed(server: Postfix, recipient: str) -> None:
    said = verdicts(server, recipient)
    assert [word for word in ("dkim=pass", "spf=pass", "dmarc=pass") if word not in said] == [], said


def test_every_service_mail_is_believed(
    server: Postfix, session: Session, templates: Path, translations: Path, now: datetime
) -> None:  # M33, M36
    three_notices(session, now)
    composer = Composer(
        template_folder=templates,
        translations_folder=translations,
        links=LINKS,
        mail_from="tips@example.org",
        keys=[KEY],
    )
    sent_at = datetime.now(UTC)
    for place, (name, language) in enumerate(BOTH):
        kind, facts = EVERY[name]
        recipient = f"service{place}@example.ca"
        octets = composer.compose(session, Row(kind, language, facts, recipient), sent_at)
        hand_over(server, octets, recipient)
    for place in range(len(BOTH)):
        assert_believed(server, f"service{place}@example.ca")


def digest(session: Session, translations: Path, now: datetime, language: str, layout: str, to: str) -> bytes:
    """Return one signed digest, filled as the engine fills it."""
    (tip,) = session.info.setdefault("tips", [None])
    if tip is None:
        make_organisation(session)
        tip = make_tip(session, make_notice(session, now), 24, now)
        session.info["tips"] = [tip]
    content = make_composer(translations).compose(session, DigestOf((tip.id,), (), language, layout, None))
    compiled = compile_message(content, boundary_seed=f"{language}{layout}")
    values = {slot.name: "https://news.example.org/x" for slot in content.slots}
    return bytes(
        compiled.fill(
            to_address=to,
            to_name="Zoé 李",
            date=datetime.now(UTC),
            message_id=f"<{language}.{layout}@example.org>",
            values=values,
            signer=Signing(compiled, [KEY]),
        )
    )


def test_every_layout_of_a_tip_is_believed(
    server: Postfix, session: Session, translations: Path, now: datetime
) -> None:  # M27, M36
    sent = [(language, layout) for language in LANGUAGES for layout in ("standard", "large", "text")]
    for language, layout in sent:
        recipient = f"{layout}-{language}@example.ca"
        octets = digest(session, translations, now, language, layout, recipient)
        hand_over(server, octets, recipient)
    for language, layout in sent:
        assert_believed(server, f"{layout}-{language}@example.ca")


@pytest.mark.parametrize(
    ("sender", "source"), [("x@evil.example", OURS), (SENDER, STRANGER)], ids=["own sender", "our sender"]
)
def test_what_is_forged_is_refused(
    server: Postfix, session: Session, translations: Path, now: datetime, sender: str, source: str
) -> None:  # M36
    """A mail of ours with other words, from a stranger's domain, or from an address that is none of ours."""
    octets = digest(session, translations, now, "en", "standard", "rose@example.ca")
    forged = octets.replace(b"Walk", b"Wait")
    assert forged != octets
    with pytest.raises(smtplib.SMTPDataError, match="rejected by DMARC policy"):
        hand_over(server, forged, "rose@example.ca", sender, source)
