"""An application with hooks for every provider, a mail of ours to tell about, and SNS played here."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import Settings
from newsletter_app import suppression
from newsletter_app.feedback import FeedbackEvent
from newsletter_app.service_mail import rendering
from tests.factories.service_mails import a_service_mail_to_rose
from tests.fakes.web_server import PUBLIC, WebServer, self_signed, web_server
from tests.web.conftest import PUBLIC_URL, World

TOPIC = "arn:aws:sns:ca-central-1:123456789012:feedback"
SNS = "sns.ca-central-1.amazonaws.com"
CERTIFICATE = f"/SimpleNotificationService-{'0a' * 16}.pem"
LOGIN = "postmark:0123456789abcdef"
MAILGUN_KEY = "key-0123456789abcdef"


@dataclass
class Hooked:
    """The application, what became of what was told, and Rose, who had a mail of ours."""

    world: World
    sns: WebServer

    def post(self, provider: str, body: bytes | str, **headers: str) -> TestResponse:
        """Call a hook as a provider does: no cookie, no origin."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.world.client.post(f"/hooks/{provider}", base_url=PUBLIC_URL, data=body, headers=named)

    def mail_to_rose(self) -> tuple[str, str]:
        """Write a mail; give the local part of its envelope sender, and its Message-ID."""
        with self.world.write() as session:
            mail = a_service_mail_to_rose(session, self.world.clock())
            message_id = rendering.message_id(mail, "tips@example.org")
            return self.world.ports.links.bounce_local((0, mail.id)), message_id

    def events(self) -> list[tuple[str, str, str | None]]:
        """Tell what was kept: source, state and effect of each event."""
        with self.world.write() as session:
            rows = session.scalars(select(FeedbackEvent).order_by(FeedbackEvent.id))
            return [(row.source, row.state, row.effect) for row in rows]

    def suppressed(self) -> list[tuple[str, str]]:
        """Tell who is written to no more, and why."""
        with self.world.write() as session:
            return [(row.address_key, row.reason) for row in suppression.listed(session)]


@pytest.fixture(scope="module")
def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    """Give SendGrid's key for us."""
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def sns_key() -> rsa.RSAPrivateKey:
    """Give the key that SNS signs with."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Give the certificate of SNS's web server, and that server's context."""
    return self_signed(tmp_path_factory.mktemp("sns"), SNS)


@pytest.fixture(scope="module")
def played(tls: tuple[Path, ssl.SSLContext]) -> Iterator[WebServer]:
    """Play the web server of SNS."""
    with web_server(tls[1]) as server:
        yield server


@pytest.fixture
def hooked(
    make_world: Callable[[Settings], World],
    settings: Settings,
    sendgrid_key: ec.EllipticCurvePrivateKey,
    sns_key: rsa.RSAPrivateKey,
    played: WebServer,
    tls: tuple[Path, ssl.SSLContext],
    now: datetime,
) -> Hooked:
    """Give the application; no certificate was fetched yet."""
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    public = base64.b64encode(sendgrid_key.public_key().public_bytes(*spki)).decode()
    keys = {"ses": (TOPIC,), "postmark": (LOGIN,), "sendgrid": (public,), "mailgun": (MAILGUN_KEY,)}
    world = make_world(replace(settings, hook_keys=keys))
    played.names = {SNS: [PUBLIC]}
    played.answers = {CERTIFICATE: (200, {}, certificate_of(sns_key, now))}
    for told in (played.asked, played.connected):
        told.clear()
    trusting = ssl.create_default_context(cafile=str(tls[0]))
    world.app.extensions["fetcher"] = played.fetcher(tls=trusting)
    return Hooked(world, played)


def certificate_of(key: rsa.RSAPrivateKey, now: datetime) -> bytes:
    """Return a certificate of SNS's key, good for a month."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def message(now: datetime, text: Any, *, kind: str = "Notification", **other: str | None) -> dict[str, str]:
    """Return an unsigned message of SNS; ``other`` replaces fields, None takes one away."""
    fields: dict[str, str | None] = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": text if isinstance(text, str) else json.dumps(text),
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": "2",
        "SigningCertURL": f"https://{SNS}{CERTIFICATE}",
    }
    if kind != "Notification":
        fields |= {"Token": "2336412f37", "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"}
    return {name: text for name, text in (fields | other).items() if text is not None}


def signed(fields: dict[str, str], key: rsa.RSAPrivateKey) -> str:
    """Return the octets of a message as SNS signs it (in the order of its documentation)."""
    names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    text = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return json.dumps(fields | {"Signature": base64.b64encode(signature).decode()})
