"""A reader of whom something stands in every table that can name one."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import audit, delivery, feedback, subscribers, subscriptions
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.links import Links
from newsletter_app.ledger import State
from newsletter_app.outbox import OutboxMessage
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Evidence
from tests.factories import content, people
from tests.factories.engine import make_campaign

LOCAL, OLD_LOCAL = "Rosalind.Zwy", "zwy-formerly"
ADDRESS, FORMER = f"{LOCAL}@zwyhome.example.ca", f"{OLD_LOCAL}@example.ca"
OTHER = "gus@example.ca"
TRACES = [LOCAL.lower(), OLD_LOCAL, "zwyhome", "rosalind", "198.51.100.77", "a phone of mine"]
EVIDENCE = Evidence("198.51.100.77", "a phone of mine", "https://news.example.org/choices", "en", "Saved")
BOUNCE = f"From: mta@example.net\r\nTo: x@example.org\r\nSubject: gone\r\n\r\nno {ADDRESS} here\r\n"
QUOTED = "From: a@example.net\r\nSubject: hm\r\nContent-Transfer-Encoding: base64\r\n\r\n"


@pytest.fixture
def rose(session: Session, now: datetime, links: Links) -> Subscriber:
    """Give a reader of whom something stands in every table that can name one."""
    ids = [notice.id for notice in people.three_notices(session, now)]
    form = people.a_form(ids[:2], address=FORMER)
    form = subscriptions.SignupForm(
        form.address, form.notice_ids, "en", form.wording, form.page_url, "198.51.100.77", "a phone of mine"
    )
    signup = subscriptions.receive(session, form, now)
    people.decide(session, signup, now)
    people.confirm(session, signup, now)
    reader = people.a_subscriber(session, FORMER)
    subscribers.set_name(session, reader, "Rosalind")
    new = parse_address(ADDRESS)
    asked = subscribers.ask_address_change(session, reader, new, hash_key=people.HASH_KEY, now=now)
    assert asked.change_id is not None
    subscribers.confirm_address_change(session, asked.change_id, hash_key=people.HASH_KEY, now=now)
    subscriptions.ask_for_link(session, people.a_form((), address=ADDRESS.upper()), now)
    subscriptions.choose(session, reader, [ids[0]], evidence=EVIDENCE, now=now)
    audit.note(
        session,
        actor="staff@example.org",
        action="noted",
        subject=f"of {ADDRESS.lower()}",
        details={"who": ADDRESS},
        now=now,
    )
    _a_campaign(session, reader, now)
    _what_came_back(session, reader, links, now)
    mail = session.scalars(select(ServiceMail)).first()
    assert mail is not None
    for key, to in ((f"s:{mail.id}", FORMER), (f"d:1:{reader.id}", ADDRESS)):
        session.add(
            OutboxMessage(
                key=key, sender="t@example.org", recipient=to, message=ADDRESS.encode(), created_at=now
            )
        )
    session.flush()
    return reader


def _a_campaign(session: Session, reader: Subscriber, now: datetime) -> None:
    gus = people.an_active_reader(session, [1], now, address=OTHER)
    notice = people.notices.offered(session)[0]
    campaign = make_campaign(session, content.make_tip(session, notice, 1, now), [notice], now)
    campaign.state = "sending"
    for person in (reader, gus):
        row = Delivery(campaign_id=campaign.id, subscriber_id=person.id, edition_id=1, domain=person.domain)
        row.shard, row.state, row.due_at = person.id % delivery.SHARDS, State.queued, now
        row.reply_text = f"no such box {LOCAL}" if person is reader else None
        session.add(row)
    session.flush()


def _what_came_back(session: Session, reader: Subscriber, links: Links, now: datetime) -> None:
    for raw in (BOUNCE, QUOTED + base64.b64encode(f"it was {ADDRESS}".encode()).decode()):
        feedback.receive(session, raw.encode(), source="test", links=links, now=now)
    verp = f"{links.bounce_local((1, reader.id))}@bounce.example.org"
    answer = f"From: {ADDRESS}\r\nTo: {verp}\r\nSubject: Thank you\r\n\r\nIt helped, Rosalind\r\n"
    feedback.receive(session, answer.encode(), source="test", links=links, now=now, envelope=[verp])
