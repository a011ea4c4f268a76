"""A mailbox at Dovecot: every mail taken once and put away, whatever breaks in between."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter_app import feedback
from newsletter_app.adapters.imap_mailbox import MAX_OCTETS, MailboxFailed, open_mailbox
from newsletter_app.adapters.incoming import take_all
from newsletter_app.feedback import FeedbackEvent, Received
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.unit_of_work import UnitOfWork
from tests.factories.certificates import trusting
from tests.factories.engine import Hands
from tests.fakes.dovecot import Dovecot, dovecot

pytestmark = pytest.mark.dovecot

LETTERS = [f"From: rose@example.ca\r\nSubject: {n}\r\n\r\n\xe9 {n}\r\n".encode("latin-1") for n in range(3)]


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    """Give the server with three letters in its inbox and nothing else."""
    running.empty()
    for number, letter in enumerate(LETTERS):
        running.deliver(f"{number}.letter", letter)
    return running


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> object:
    """Give SQLite alone: no SQL differs here."""
    return request.getfixturevalue("sqlite_database")


@pytest.fixture
def tls(running: Dovecot) -> ssl.SSLContext:
    return trusting(running.folder)


class Taking:
    """What a face does with each mail; it counts."""

    def __init__(self, unit_of_work: UnitOfWork, links: Links, clock: Hands) -> None:
        self._parts = unit_of_work, links, clock
        self.raw: list[bytes] = []
        self.left: list[str] = []

    def __call__(self, octets: bytes) -> Received:
        unit_of_work, links, clock = self._parts
        with unit_of_work() as session:
            received = feedback.receive(session, octets, source="imap", links=links, now=clock())
        self.raw.append(octets)
        return received

    def tell_left(self, name: str, _why: str) -> None:
        self.left.append(name)

    def events(self) -> list[bytes]:
        with self._parts[0]() as session:
            return list(session.scalars(select(FeedbackEvent.raw).order_by(FeedbackEvent.id)))


@pytest.fixture
def taking(unit_of_work: UnitOfWork, links: Links, now: object) -> Taking:
    return Taking(unit_of_work, links, Hands(now))


def test_each_mail_is_taken_as_it_came_and_put_away(
    server: Dovecot, tls: ssl.SSLContext, taking: Taking
) -> None:
    """In the order they came; the next time there is nothing, and the folder is there already."""
    for told in ({"reply, waiting": 3}, {}):
        with open_mailbox(server.url, tls) as mailbox:
            assert take_all(mailbox, taking, taking.tell_left) == told
        assert (server.lying_in(), server.lying_in(".Read"), taking.raw) == (0, 3, LETTERS)
    assert taking.events() == LETTERS


def test_on_this_machine_a_mailbox_may_do_without_tls(server: Dovecot, taking: Taking) -> None:
    url = replace(server.url, port=server.plain_port, is_secure=False)
    with open_mailbox(url) as mailbox:
        assert take_all(mailbox, taking, taking.tell_left) == {"reply, waiting": 3}


def test_what_is_lost_in_between_is_taken_again_and_changes_nothing(
    server: Dovecot, tls: ssl.SSLContext, taking: Taking
) -> None:
    """The server dies after a mail was committed and before it is moved: nothing is lost, nothing doubled."""

    def take_and_kill(octets: bytes) -> Received:
        received = taking(octets)
        if len(taking.raw) == 2:
            server.kill()
        return received

    with open_mailbox(server.url, tls) as mailbox, pytest.raises(MailboxFailed) as failed:
        take_all(mailbox, take_and_kill, taking.tell_left)
    assert failed.value.code == "lost"
    server.start()
    with open_mailbox(server.url, tls) as mailbox:
        assert take_all(mailbox, taking, taking.tell_left) == {"known before": 1, "reply, waiting": 1}
    assert (taking.events(), server.lying_in(".Read")) == (LETTERS, 3)


def test_what_cannot_be_taken_stays_and_is_told(server: Dovecot, tls: ssl.SSLContext, taking: Taking) -> None:
    """One mail that fails holds up no other; three in a row are not the mails' doing."""

    def take_two(octets: bytes) -> Received:
        if octets == LETTERS[1]:
            raise ValueError(octets)
        return taking(octets)

    def take_none(octets: bytes) -> Received:
        raise ConnectionError(octets)

    with open_mailbox(server.url, tls) as mailbox:
        with pytest.raises(ConnectionError):
            take_all(mailbox, take_none, taking.tell_left)
        assert len(taking.left) == 2
        assert take_all(mailbox, take_two, taking.tell_left) == {"reply, waiting": 2}
        assert (server.lying_in(), server.lying_in(".Read"), len(taking.left)) == (1, 2, 3)
        assert take_all(mailbox, taking, taking.tell_left, stop=lambda: True) == {}
        assert take_all(mailbox, taking, taking.tell_left) == {"reply, waiting": 1}


def test_what_is_too_large_is_never_fetched(server: Dovecot, tls: ssl.SSLContext, taking: Taking) -> None:
    """It stays where it is."""  # M46
    server.deliver("9.large", b"Subject: large\r\n\r\n" + b"a" * MAX_OCTETS)
    with open_mailbox(server.url, tls) as mailbox:
        assert take_all(mailbox, taking, taking.tell_left) == {"reply, waiting": 3}
        assert len(mailbox.too_large()) == 1
    assert server.lying_in() == 1


def test_a_mail_that_another_took_meanwhile_is_none(server: Dovecot, tls: ssl.SSLContext) -> None:
    """Two that read one mailbox are in nobody's way."""
    with open_mailbox(server.url, tls) as one, open_mailbox(server.url, tls) as two:
        first = next(iter(list(two.names())))
        one.done(first)
        assert two.read(first) is None
        two.done(first)
    assert server.lying_in(".Read") == 1


def test_no_other_server_gets_the_password(server: Dovecot, tls: ssl.SSLContext, tmp_path: Path) -> None:
    """Its certificate must be trusted and name it; each refusal has its code."""  # S31
    cases = [
        (server.url, None, "untrusted"),
        (replace(server.url, host="localhost"), tls, "untrusted"),
        (replace(server.url, password="wrong"), tls, "login-refused"),
        (replace(server.url, password="wröng"), tls, "login-refused"),
        (replace(server.url, folder="Nowhere"), tls, "no-folder"),
        (replace(server.url, port=1), tls, "unreachable"),
    ]
    for url, context, code in cases:
        with pytest.raises(MailboxFailed) as failed, open_mailbox(url, context):
            pass
        assert failed.value.code == code
