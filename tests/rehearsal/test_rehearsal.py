"""Test mails: what a reader would get, to one of the staff, with links of nobody; and what they prove."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter_app import campaigns, planning, rehearsal, tips
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.links import Purpose, read_token
from newsletter_app.notices import Notice
from newsletter_app.outbox import OutboxMessage
from newsletter_app.rehearsal import Seat
from newsletter_app.service_mail import ServiceMail
from newsletter_app.service_mail.composing import Composer
from newsletter_app.service_mail.sending import send_all
from newsletter_app.subscribers import Subscriber
from newsletter_app.tips import Tip
from tests.delivery.conftest import World, clock, world
from tests.factories.content import make_draft, make_notice, make_organisation, make_tip
from tests.factories.engine import ROOT, make_reader, open_office
from tests.factories.people import HASH_KEY
from tests.fakes.transports import ScriptedTransport

__all__ = ["clock", "world"]

EVE = "eve@example.org"
# What each reader's own slots hold, and what the campaign's number changes.
OWN = {"To", "Message-ID", "Date", "Feedback-ID", "List-Unsubscribe", "Content-Type"}
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{26,}")


def rehearse(world: World, seat: Seat, tip_id: int) -> None:
    with world.unit_of_work() as session:
        rehearsal.rehearse(
            session, session.get_one(Tip, tip_id), seat, to=EVE, by=EVE, composer=world.composer,
            hash_key=HASH_KEY, now=world.clock(),
        )  # fmt: skip


def sent_to_eve(world: World, translations: Path) -> list[EmailMessage]:
    """Send what is queued as the service worker does; return it in order."""
    transport = ScriptedTransport(world.clock)
    composer = Composer(
        template_folder=ROOT / "templates",
        translations_folder=translations,
        links=world.links,
        mail_from="tips@example.org",
    )
    send_all(
        office=open_office(world.unit_of_work, world.folder, transport, world.clock, kind="service"),
        composer=composer,
        links=world.links,
        bounce_domain="b.example.org",
        stop=lambda: False,
    )
    assert {parcel.recipient for parcel in transport.taken} == {EVE}
    return [parsed(parcel.message) for parcel in transport.taken]


def parsed(octets: bytes) -> EmailMessage:
    found = message_from_bytes(bytes(octets), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def shared(mail: EmailMessage) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what all readers of an edition share of a mail: its fields, and its parts without tokens."""
    fields = [(name, str(value)) for name, value in mail.items() if name not in OWN]
    return fields, [TOKEN.sub("…", part.get_content()) for part in mail.iter_parts()]


def test_it_is_what_the_reader_gets_but_for_the_slots(world: World, translations: Path) -> None:  # S24
    """Two readers: one up to date, one who is behind, reads French in large type."""
    now = world.clock()
    with world.unit_of_work() as session:
        make_organisation(session)
        notice = make_notice(session, now)
        first = make_tip(session, notice, 23, now)
        tips.send_into(session, first, [notice.id], now)
        behind = make_reader(session, 1, [notice], now, language="fr", layout="large", cursor=0).id
        make_reader(session, 2, [notice], now)
        tip_id = make_tip(session, notice, 24, now).id
        # The mail tells when the next one comes.
        following = make_tip(session, notice, 25, now)
        campaigns.schedule(session, following, due_at=now + timedelta(days=7), by=EVE, now=now)
    with world.unit_of_work() as session:
        seat = rehearsal.seat_of(session, session.get_one(Subscriber, behind))
    rehearse(world, Seat("en", "standard", now), tip_id)
    rehearse(world, seat, tip_id)
    english, french = sent_to_eve(world, translations)
    launch(world, tip_id)
    with world.unit_of_work() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        real = {str(row.recipient): parsed(row.message) for row in rows}
    assert shared(english) == shared(real["reader2@example.ca"])
    assert shared(french) == shared(real["reader1@example.ca"])
    assert "Marchez un peu 23" in french.as_string()
    assert french["Subject"].startswith("Conseil 24")


def launch(world: World, tip_id: int) -> None:
    with world.unit_of_work() as session:
        tip = session.get_one(Tip, tip_id)
        world.campaign_id = campaigns.schedule(
            session, tip, due_at=world.clock(), by=EVE, now=world.clock()
        ).id
    with world.unit_of_work() as session:
        campaigns.launch_due(session, world.clock())
    world.plan()
    world.send(world.office())


def test_its_links_are_of_nobody(world: World, translations: Path) -> None:
    """They prove, and they name row 0, which no reader has."""
    tip_id = written(world)
    rehearse(world, Seat("en", "standard", world.clock()), tip_id)
    [mail] = sent_to_eve(world, translations)
    plain = mail.get_body(("plain",))
    assert plain is not None
    found = [read_token(text) for text in TOKEN.findall(plain.get_content())]
    assert {(token.purpose, token.ids[0]) for token in found if token} == {
        (Purpose.STOP, 0), (Purpose.CHOICES, 0)
    }  # fmt: skip
    assert None not in found
    assert EVE in str(mail["To"])


def written(world: World) -> int:
    with world.unit_of_work() as session:
        make_organisation(session)
        return make_tip(session, make_notice(session, world.clock()), 24, world.clock()).id


def test_every_side_is_rehearsed_anew_after_each_change(world: World) -> None:  # S24
    tip_id, now = written(world), world.clock()
    assert lacking(world, tip_id) == ["en", "fr"]
    rehearse(world, Seat("en", "large", now), tip_id)
    assert lacking(world, tip_id) == ["fr"]
    rehearse(world, Seat("fr", "text", now), tip_id)
    assert lacking(world, tip_id) == []
    with world.unit_of_work() as session:
        tip = session.get_one(Tip, tip_id)
        [newest, oldest] = rehearsal.rehearsals_of(session, tip)
        assert (newest.language, oldest.layout, oldest.sent_by, oldest.sent_at) == ("fr", "large", EVE, now)
        changed = make_draft(24, "en", lead="A longer walk may help more.")
        notice = session.get_one(Notice, tip.notice_id)
        tips.save_draft(session, changed, notice=notice, now=now + timedelta(hours=1), into=tip)
    assert lacking(world, tip_id) == ["en", "fr"]


def lacking(world: World, tip_id: int) -> list[str]:
    with world.unit_of_work() as session:
        return list(rehearsal.unrehearsed(session, session.get_one(Tip, tip_id)))


def test_a_reader_of_other_notices_has_no_such_mail(world: World, now: datetime) -> None:
    tip_id = written(world)
    with world.unit_of_work() as session:
        other = make_notice(session, now, "events")
        reader = make_reader(session, 1, [other], now)
        seat = rehearsal.seat_of(session, reader)
    with pytest.raises(Breach, match="reader-not-subscribed"):
        rehearse(world, seat, tip_id)
    with world.unit_of_work() as session:
        assert session.scalars(select(ServiceMail)).all() == []
        assert rehearsal.rehearsals_of(session, session.get_one(Tip, tip_id)) == []


def test_a_weekly_reader_gets_it_among_the_others_of_all_their_notices(world: World, now: datetime) -> None:
    tip_id = written(world)
    with world.unit_of_work() as session:
        tip = session.get_one(Tip, tip_id)
        events = make_notice(session, now, "events")
        reader = make_reader(
            session,
            1,
            [session.get_one(Notice, tip.notice_id), events],
            now,
            cadence="weekly",
            cursor=0,
        )
        meeting = make_tip(session, events, None, now)
        tips.send_into(session, meeting, [events.id], now)
        found = planning.gathered(session, reader.id, tip, [tip.notice_id], now)
        assert found is not None
        assert found.cadence == "weekly"
        assert found.places == ((tip.id, tip.notice_id), (meeting.id, events.id))
