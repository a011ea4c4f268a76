"""The listener over a real socket: what it takes, what it refuses, and that nobody can bring it down."""

from __future__ import annotations

import random
import shutil
import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from newsletter_app import feedback, organisation, suppression
from newsletter_app.feedback import FeedbackEvent
from newsletter_app.feedback.models import Strangers
from newsletter_app.feedback.strangers import MOST_A_DAY
from newsletter_app.intake.conversation import MAX_OCTETS
from newsletter_app.intake.server import MOST
from newsletter_app.service_mail import ServiceMail
from tests.factories.service_mails import a_service_mail_to_rose
from tests.feedback.letters import DSN
from tests.intake.listening import BOUNCE_DOMAIN, Listener, listener
from tests.waiting import until

BOUNCE = (
    DSN.format(action="failed", status="5.1.1", diagnosis="smtp; 550 5.1.1 no such user")
    .replace("\n", "\r\n")
    .encode()
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, sqlite_model: Path) -> Iterator[Listener]:
    folder = tmp_path_factory.mktemp("listener")
    shutil.copyfile(sqlite_model, folder / "newsletter.db")
    with listener(folder, f"sqlite:///{folder}/newsletter.db") as running:
        yield running
        assert running.process.poll() is None, "no test may bring it down"
        assert running.stop()[0] == 0


@pytest.fixture
def client(running: Listener) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(running.place.host, running.place.port, timeout=20) as client:
        yield client


def events(running: Listener) -> list[FeedbackEvent]:
    with running.ports.unit_of_work() as session:
        return list(session.scalars(select(FeedbackEvent).order_by(FeedbackEvent.id)))


def a_service_mail(running: Listener) -> str:
    """Write a mail to Rose; return the local part of its envelope sender."""
    with running.ports.unit_of_work() as session:
        mail = a_service_mail_to_rose(session, running.ports.clock())
        return running.ports.links.bounce_local((0, mail.id))


def test_a_bounce_has_its_effect_before_it_is_answered(running: Listener, client: smtplib.SMTP) -> None:
    """The same mail again is taken, and changes nothing; nothing is written in answer."""  # M42, M47
    to, mail = f"{a_service_mail(running)}@{BOUNCE_DOMAIN.upper()}", BOUNCE + b"..hidden\r\n.\r\n"
    for _ in range(2):
        assert client.sendmail("", [to], mail) == {}
        (event,) = events(running)
        assert (event.source, event.state, event.effect) == ("smtp", "applied", "suppressed")
        assert event.raw.endswith(b"..hidden\r\n.\r\n")
    with running.ports.unit_of_work() as session:
        assert [row.reason for row in suppression.listed(session)] == ["bounce"]
        assert len(session.scalars(select(ServiceMail)).all()) == 1


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("anybody@elsewhere.example", 550),
        (f"a@{BOUNCE_DOMAIN}@elsewhere.example", 553),
        (f"a%elsewhere.example@not{BOUNCE_DOMAIN}", 550),
        (f'"a@{BOUNCE_DOMAIN}"@elsewhere.example', 550),
        (f"@{BOUNCE_DOMAIN}:a@elsewhere.example", 550),
        ("a@[127.0.0.1]", 550),
        ("postmaster@elsewhere.example", 550),
        ("board@example.org", 550),
        ("postmaster", 250),
        (f"anything@{BOUNCE_DOMAIN}", 250),
        ("Tips@example.org", 250),
        ("help@example.org", 250),
    ],
)
def test_no_mail_is_passed_on(running: Listener, client: smtplib.SMTP, to: str, code: int) -> None:
    """Only the bounce domain, the sender's address and the one for answers are taken."""  # M47
    with running.ports.unit_of_work() as session:
        organisation.set_facts(session, phone="403-555-0100", email="Help@example.org")
    client.ehlo()
    client.mail("somebody@elsewhere.example")
    assert client.docmd(f"RCPT TO:<{to}>")[0] == code


def test_too_much_is_refused_by_what_is_said_and_by_what_is_counted(
    running: Listener, client: smtplib.SMTP
) -> None:
    """The conversation goes on, and nothing of it is kept."""  # M46
    before = len(events(running))
    client.ehlo()
    assert client.esmtp_features["size"] == str(MAX_OCTETS)
    assert client.docmd(f"MAIL FROM:<> SIZE={MAX_OCTETS + 1}")[0] == 552
    client.mail("")
    client.rcpt(f"x@{BOUNCE_DOMAIN}")
    assert client.data(b"X: " + b"a" * MAX_OCTETS)[0] == 552
    assert len(events(running)) == before
    client.mail("")
    client.rcpt(f"x@{BOUNCE_DOMAIN}")
    assert client.data(b"Subject: long\n\n" + b"a" * 200_000 + b"\n")[0] == 250
    assert events(running)[-1].raw.startswith(b"Subject: long")


def test_a_stranger_beyond_the_days_room_is_told_to_come_again(
    running: Listener, client: smtplib.SMTP
) -> None:
    """Their server keeps the mail; a bounce that proves whose it is finds room all the same."""  # S35
    day, to = running.ports.clock().date(), f"{a_service_mail(running)}@{BOUNCE_DOMAIN}"
    before = len(events(running))
    with running.ports.unit_of_work() as session:
        session.add(Strangers(day=day, domain="full.example", mails=MOST_A_DAY))
    try:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("max@example.ca", [f"x@{BOUNCE_DOMAIN}"], "Subject: hello\n\nroom?\n")
        assert refused.value.smtp_code == 452
        assert client.sendmail("", [to], BOUNCE + b"with room\r\n") == {}
        assert len(events(running)) == before + 1
    finally:
        with running.ports.unit_of_work() as session:
            session.execute(delete(Strangers))


def test_more_than_there_is_place_for_come_again(running: Listener) -> None:
    """Who holds all places loses them to nobody; a place that is left is free at once."""
    host, port = running.place.host, running.place.port
    until(lambda: _greeting(host, port) == b"220", "a place is free")
    held = [socket.create_connection((host, port), 20) for _ in range(MOST)]
    assert [one.recv(3) for one in held] == [b"220"] * MOST
    assert _greeting(host, port) == b"421"
    for one in held:
        one.close()
    until(lambda: _greeting(host, port) == b"220", "a place is free again")


def _greeting(host: str, port: int) -> bytes:
    with socket.create_connection((host, port), 20) as one:
        return one.recv(3)


def test_whoever_talks_nonsense_harms_nobody(running: Listener) -> None:
    """Noise, half commands and half messages, cut anywhere: the next client is served."""  # M46
    dice = random.Random(46)
    words = [
        *(
            b"EHLO x\r\n",
            b"HELO\r\n",
            b"MAIL FROM:<>\r\n",
            b"RCPT TO:<x@bounce.example.org>\r\n",
            b"DATA\r\n",
        ),
        *(b".\r\n", b"\r\n.\n", b"\n.\r\n", b"BDAT 5\r\n", b"AUTH PLAIN =\r\n", b"VRFY <\r\n", b"\0\xff\r\n"),
        *(b"RSET\r\n", b"MAIL FROM:<" + b"a" * 5000, b"STARTTLS\r\n", b"LHLO x\r\n", b"RCPT TO:<@@>\r\n"),
        *(b"MAIL FROM:<> SIZE=\xb2\r\n", b"MAIL FROM:<a@\xff> SMTPUTF8\r\n", b"x" * 200_000),
    ]
    for _ in range(60):
        with socket.create_connection((running.place.host, running.place.port), 20) as one:
            one.sendall(b"".join(dice.choices(words, k=dice.randrange(1, 12))) + dice.randbytes(20))
    until(lambda: _greeting(running.place.host, running.place.port) == b"220", "all is as before", 20)


def test_only_a_dot_between_whole_line_ends_ends_a_message(running: Listener) -> None:
    """What looks like an end to others is text here: no second message is smuggled in (RFC 5321 2.3.8)."""
    before = len(events(running))
    hidden = b"MAIL FROM:<>\r\nRCPT TO:<b@bounce.example.org>\r\nDATA\r\nhidden\r\n"
    with socket.create_connection((running.place.host, running.place.port), 20) as one:
        one.sendall(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@bounce.example.org>\r\nDATA\r\n")
        one.sendall(b"Subject: x\r\n\r\nx\n.\n" + hidden + b"\n.\r\n" + hidden + b"\r\n.\r\nQUIT\r\n")
        while one.recv(4096):
            pass
    assert len(events(running)) == before + 1


def test_while_the_database_is_away_the_sender_keeps_its_mail(tmp_path: Path) -> None:
    """451 at the address that must be looked up and at the message; it goes in good order all the same."""
    with listener(tmp_path, "postgresql://nobody@127.0.0.1:1/none") as running:
        with smtplib.SMTP(running.place.host, running.place.port, timeout=20) as client:
            client.ehlo()
            client.mail("")
            assert client.rcpt("help@example.org")[0] == 451
            assert client.rcpt(f"x@{BOUNCE_DOMAIN}")[0] == 250
            assert client.data(BOUNCE)[0] == 451
            status, said = running.stop()
            assert client.getreply()[0] == 421
        assert status == 0
        assert said.count("put off: OperationalError") == 2
        assert "@" not in said


def test_over_lmtp_each_recipient_has_an_answer(tmp_path: Path, sqlite_model: Path) -> None:
    """RFC 2033 4.2; the socket is for the group alone and is gone afterwards."""
    shutil.copyfile(sqlite_model, tmp_path / "newsletter.db")
    path = tmp_path / "f.sock"
    with listener(tmp_path, f"sqlite:///{tmp_path}/newsletter.db", f"lmtp:unix:{path}") as running:
        assert path.stat().st_mode & 0o777 == 0o660
        with smtplib.LMTP(str(path)) as client:
            assert client.docmd("EHLO x")[0] == 500
            client.ehlo()
            client.mail("")
            assert [client.rcpt(f"{name}@{BOUNCE_DOMAIN}")[0] for name in "ab"] == [250, 250]
            assert client.data(BOUNCE)[0] == 250
            assert client.getreply()[0] == 250
        assert [event.source for event in events(running)] == ["lmtp"]
        assert running.stop()[0] == 0
        assert not path.exists()
    with running.ports.unit_of_work() as session:
        assert len(feedback.newest(session)) == 1
