"""The next tip in the mail of each tip: at the reader's own hour, and the same as the planner's answer."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import select, update

from newsletter_app.campaigns import Edition, Wish, launch_due
from newsletter_app.kernel import words
from newsletter_app.kernel.local_time import zone_or
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.planning import next_mail_at
from newsletter_app.subscribers import Subscriber
from tests.delivery.conftest import World
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import NO_WISH, make_campaign, make_reader
from tests.fakes.transports import BUSY, ScriptedTransport

HOME = "America/Edmonton"
# Reader → wish, language, and what their mail says; the next tip goes out Monday at 9 in Edmonton.
READERS = {
    1: (NO_WISH, "en", "Your next tip comes on Monday, March 9, about 9 a.m."),
    2: (Wish(hour=18, zone="America/Halifax"), "en", "Your next tip comes on Monday, March 9, about 6 p.m."),
    3: (Wish(hour=12), "fr", "Votre prochain conseil arrive le lundi 9 mars, vers midi."),
    4: (Wish(zone="America/Halifax"), "en", "Your next tip comes on Monday, March 9, about noon."),
    5: (Wish(hour=7), "en", "Your next tip comes on Tuesday, March 10, about 7 a.m."),
    6: (Wish(hour=9, zone="Gone/Away"), "fr", "Votre prochain conseil arrive le lundi 9 mars, vers 9 h."),
}


def test_everybody_is_told_their_own_hour(world: World) -> None:
    _launch(world)
    transport = ScriptedTransport(world.clock, {"reader2@example.ca": [BUSY]})
    office = world.office(transport)
    with closing(office.journal):
        for _ in range(30):
            world.send(office)
            world.clock.move(hours=1)
    told = {parcel.recipient: _sentence(bytes(parcel.message)) for parcel in transport.taken}
    assert told == {f"reader{number}@example.ca": sentence for number, (_, _, sentence) in READERS.items()}
    for number, (_wish, _language, sentence) in READERS.items():
        assert _planned(world.unit_of_work, number, world) in sentence, "the planner says the same"
    again = [bytes(parcel.message) for parcel in transport.taken if parcel.recipient == "reader2@example.ca"]
    assert len(again) == 2
    assert again[0] == again[1]  # M4


def test_an_edition_from_before_an_upgrade_is_filled_as_it_was(world: World) -> None:
    """What it was compiled with says the organisation's hour; there is no word for a reader's own."""
    _launch(world)
    office = world.office(transport := ScriptedTransport(world.clock))
    with closing(office.journal):
        world.send(office)
        with world.unit_of_work() as session:
            session.execute(update(Edition).values(next_at=None))
        world.clock.move(days=1)
        world.send(office)
    assert len(transport.taken) == len(READERS)


def _launch(world: World) -> None:
    now = world.clock()
    with world.unit_of_work() as session:
        make_organisation(session).time_zone = HOME
        notice = make_notice(session, now)
        for number, (wish, language, _sentence) in READERS.items():
            make_reader(session, number, [notice], now, wish=wish, language=language)
        world.campaign_id = make_campaign(session, make_tip(session, notice, 24, now), [notice], now).id
        # The clock goes forward in between: 9 o'clock is an hour earlier in UTC.
        later = now + timedelta(days=7, hours=-1)
        make_campaign(session, make_tip(session, notice, 25, now), [notice], later)
    with world.unit_of_work() as session:
        launch_due(session, now)
    world.plan()


def _sentence(octets: bytes) -> str:
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    texts = [part.get_content().replace("\u00a0", " ") for part in message.iter_parts()]
    (line,) = [line for line in texts[0].splitlines() if line.startswith(("Your next", "Votre prochain"))]
    assert line in texts[1], "both parts say it"
    return line


def _planned(unit_of_work: UnitOfWork, number: int, world: World) -> str:
    with unit_of_work() as session:
        reader = session.scalars(
            select(Subscriber).where(Subscriber.address == f"reader{number}@example.ca")
        ).one()
        due_at = next_mail_at(session, reader.id, world.clock())
        assert due_at is not None
        told = words.when(due_at, zone_or(reader.time_zone, HOME), "fr" if reader.language == "fr" else "en")
    return told.replace("\u00a0", " ")
