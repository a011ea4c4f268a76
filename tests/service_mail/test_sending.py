"""Service mails over a scripted server: one copy, the same octets on every retry, nothing kept afterwards."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import dkim
import pytest
from sqlalchemy import select, update

from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.links import Links
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.ledger import Office, Sender, State, lock_sending
from newsletter_app.mail import SigningKey
from newsletter_app.mail.accounts import Account
from newsletter_app.service_mail import ServiceMail, queue
from newsletter_app.service_mail.composing import Composer
from newsletter_app.service_mail.sending import send_all
from newsletter_app.suppression import suppress
from tests.factories.content import make_organisation
from tests.factories.engine import ROOT, Hands, open_office
from tests.factories.signing import dns_of, signing_key
from tests.fakes.transports import BUSY, ScriptedTransport
from tests.mail.plain_dkim import signatures

ROSE = "rose@example.ca"


class Post:
    """An office for service mails, one "unknown" mail queued in it."""

    def __init__(
        self, unit_of_work: UnitOfWork, folder: Path, translations: Path, links: Links, now: datetime
    ) -> None:
        """Queue the mail; the server answers 250 unless told otherwise."""
        self.translations = translations
        self.unit_of_work, self.links, self.clock = unit_of_work, links, Hands(now)
        self.transport = ScriptedTransport(self.clock)
        self.composer = self.signing_with()
        self.office: Office = open_office(
            unit_of_work, folder / "journals", self.transport, self.clock, kind="service"
        )
        with unit_of_work() as session:
            make_organisation(session)
            queue(session, "unknown", address=ROSE, address_key="k", language="en", facts={}, now=now)

    def signing_with(self, *keys: SigningKey) -> Composer:
        """Return a composer whose mails these keys sign."""
        return Composer(
            template_folder=ROOT / "templates",
            translations_folder=self.translations,
            links=self.links,
            mail_from="tips@example.org",
            keys=keys,
        )

    def send(self) -> None:
        """Send what is due."""
        send_all(
            office=self.office,
            composer=self.composer,
            links=self.links,
            bounce_domain="bounce.example.org",
            stop=lambda: False,
        )

    def row(self) -> ServiceMail:
        """Return the one row."""
        with self.unit_of_work() as session:
            return session.scalars(select(ServiceMail)).one()


@pytest.fixture
def post(unit_of_work: UnitOfWork, tmp_path: Path, translations: Path, links: Links, now: datetime) -> Post:
    """Give the office."""
    return Post(unit_of_work, tmp_path, translations, links, now)


def test_it_leaves_once_and_its_octets_are_forgotten(post: Post) -> None:
    """Accepted, journalled, and nothing of its links is kept."""
    post.send()
    post.send()
    row = post.row()
    assert (row.state, row.message, row.facts) == (State.accepted, None, {})
    [parcel] = post.transport.taken
    assert parcel.recipient == ROSE
    assert parcel.sender.endswith("@bounce.example.org")
    assert b"List-" not in parcel.message  # M25
    [key] = [key for key, _ in Account(post.office.journal.path).fates()]
    assert key == f"s:{row.id}"


def test_one_that_cannot_be_encoded_stops_nobody_behind_it(post: Post) -> None:
    with post.unit_of_work() as session:
        broken = {"kind": "reply", "facts": {"words": "half \ud800", "reply_to": ROSE}}
        session.execute(update(ServiceMail).values(broken))
        queue(session, "unknown", address="leo@example.ca", address_key="l", language="en", now=post.clock())
    post.send()
    assert [parcel.recipient for parcel in post.transport.taken] == ["leo@example.ca"]
    with post.unit_of_work() as session:
        rows = session.execute(select(ServiceMail.kind, ServiceMail.state, ServiceMail.reason))
        assert {tuple(row) for row in rows} == {
            ("reply", State.refused, "unsendable"),
            ("unknown", State.accepted, None),
        }


def test_a_database_that_forgot_it_gets_no_second_one(post: Post) -> None:
    """Put back under a living process: its journal knows the number of that claim."""  # M18
    post.send()
    with post.unit_of_work() as session:
        session.execute(update(Sender).values(claim_no=0))
        session.execute(update(ServiceMail).values(state=State.queued))
    with pytest.raises(Breach, match="database-went-back"):
        post.send()
    assert (len(post.transport.taken), post.row().state) == (1, State.queued)


def test_a_retry_has_the_same_octets(post: Post) -> None:
    """They are kept from the first attempt on."""  # M4, M5
    post.transport.answers[ROSE] = [BUSY]
    post.send()
    assert post.row().state == State.deferred
    assert post.row().message is not None
    post.clock.move(hours=1)
    post.send()
    first, second = post.transport.taken
    assert first.message == second.message
    assert post.row().state == State.accepted


def test_it_is_signed_once_for_all_its_retries(post: Post) -> None:
    """A key that is chosen meanwhile signs what comes after it."""  # M4, M27, M34
    old, new = signing_key("r1"), signing_key("r2")
    post.transport.answers[ROSE] = [BUSY]
    post.composer = post.signing_with(old)
    post.send()
    post.composer = post.signing_with(new)
    post.clock.move(hours=1)
    post.send()
    first, second = post.transport.taken
    assert first.message == second.message
    [signature] = signatures(first.message)
    assert (signature.tags["d"], signature.tags["s"]) == ("example.org", "r1")
    assert "list-unsubscribe" in signature.names, "nobody on the way can add one"
    assert dkim.verify(first.message, dnsfunc=dns_of([old, new], "example.org"))


def test_it_goes_to_nobody_who_is_suppressed_for_everything(post: Post) -> None:
    """Skipped at the claim."""
    with post.unit_of_work() as session:
        suppress(session, "k", "all", "legal", "test", post.clock())
    post.send()
    assert post.transport.taken == []
    assert (post.row().state, post.row().reason) == (State.skipped, "suppressed")


def test_who_is_suppressed_after_the_claim_gets_nothing_either(post: Post) -> None:
    """The second look, a second later."""
    with post.unit_of_work() as session:
        for number in range(2):
            address, key = f"r{number}@example.ca", f"k{number}"
            queue(
                session,
                "unknown",
                address=address,
                address_key=key,
                language="en",
                facts={},
                now=post.clock(),
            )

    def dawdle(parcel: object) -> None:
        post.clock.move(seconds=2)
        with post.unit_of_work() as session:
            for number in range(2):
                suppress(session, f"k{number}", "all", "legal", "test", post.clock())

    post.transport.before = dawdle
    post.send()
    assert [parcel.recipient for parcel in post.transport.taken] == [ROSE]


def test_while_sending_is_locked_nothing_leaves(post: Post) -> None:
    """A restored database may hold mails that left long ago."""  # S33
    with post.unit_of_work() as session:
        lock_sending(session, "restored", "", post.clock())
    post.send()
    assert post.transport.taken == []
    assert post.row().state == State.queued
