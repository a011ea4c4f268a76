"""STARTTLS at the listener: offered where there is a certificate, and nothing said before it counts."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter_app.feedback import FeedbackEvent
from newsletter_app.intake.certificate import Certificate, CertificateRefused
from tests.factories.certificates import make_certificates, trusting
from tests.intake.listening import BOUNCE_DOMAIN, Listener, listener

TO = f"x@{BOUNCE_DOMAIN}"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, sqlite_model: Path, certificates: Path
) -> Iterator[Listener]:
    folder = tmp_path_factory.mktemp("listener")
    shutil.copyfile(sqlite_model, folder / "newsletter.db")
    tls = f"{certificates / 'cert.pem'} {certificates / 'key.pem'}"
    with listener(folder, f"sqlite:///{folder}/newsletter.db", tls=tls) as running:
        yield running
        assert running.stop()[0] == 0


def test_mail_is_taken_over_tls_and_in_the_clear(running: Listener, certificates: Path) -> None:
    """Verified, as few senders do; nobody is offered a login, and EHLO is said anew (RFC 3207 4.2)."""  # M20
    with smtplib.SMTP(running.place.host, running.place.port, timeout=20) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert client.starttls(context=trusting(certificates))[0] == 220
        assert client.ehlo()[0] == 250
        assert not client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AHgAeA==")[0] == 502
        assert client.sendmail("max@example.ca", [TO], "Subject: sealed\n\nx\n") == {}
    with smtplib.SMTP(running.place.host, running.place.port, timeout=20) as client:
        assert client.sendmail("max@example.ca", [TO], "Subject: open\n\nx\n") == {}
    with running.ports.unit_of_work() as session:
        assert session.scalars(select(FeedbackEvent.said).order_by(FeedbackEvent.id)).all() == [
            "sealed",
            "open",
        ]


def test_nothing_said_in_the_clear_is_believed_under_tls(running: Listener, certificates: Path) -> None:
    """Commands that somebody on the way put behind STARTTLS are dropped (CVE-2011-0411)."""  # M20
    with socket.create_connection((running.place.host, running.place.port), 20) as plain:
        plain.sendall(b"EHLO x\r\n")
        said = b""
        while b"250 HELP\r\n" not in said:
            said += plain.recv(1000)
        plain.sendall(b"STARTTLS\r\nRSET\r\nNOOP\r\n")
        assert plain.recv(1000).startswith(b"220")
        with trusting(certificates).wrap_socket(plain, server_hostname="127.0.0.1") as sealed:
            sealed.sendall(b"MAIL FROM:<>\r\n")
            assert sealed.recv(1000).startswith(b"503")


def test_who_begins_no_tls_harms_nobody(running: Listener) -> None:
    """Noise for a handshake ends that conversation; the next is served."""  # M46
    for noise in (b"\x16\x03\x01\x00", b"QUIT\r\n" * 50, b""):
        with socket.create_connection((running.place.host, running.place.port), 20) as plain:
            plain.sendall(b"EHLO x\r\nSTARTTLS\r\n")
            plain.recv(1000)
            plain.sendall(noise)
    with smtplib.SMTP(running.place.host, running.place.port, timeout=20) as client:
        assert client.noop()[0] == 250


def test_a_renewed_certificate_is_taken_up(tmp_path: Path) -> None:
    """By its file's time; one that is half written leaves the old one in use."""
    made = make_certificates(tmp_path)
    chain, key = made / "cert.pem", made / "key.pem"
    certificate = Certificate(chain, key)
    first = certificate.context()
    assert certificate.context() is first
    whole = chain.read_bytes()
    chain.write_bytes(whole[:100])
    os.utime(chain, ns=(1, 1))
    assert certificate.context() is first
    chain.write_bytes(whole)
    os.utime(chain, ns=(2, 2))
    renewed = certificate.context()
    assert renewed is not first
    assert isinstance(renewed, ssl.SSLContext)


def test_files_that_are_none_are_refused(tmp_path: Path, sqlite_database: object) -> None:
    """Before a place is opened, with what is wrong."""
    with pytest.raises(CertificateRefused):
        Certificate(tmp_path / "none.pem", tmp_path / "none.key")
    (tmp_path / "none.pem").write_text("no certificate")
    with pytest.raises(CertificateRefused):
        Certificate(tmp_path / "none.pem", tmp_path / "none.pem")
