"""Answers of people: to the organisation, where they can be answered; never round and round."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from newsletter_app import feedback, organisation
from newsletter_app.feedback import forwarding
from newsletter_app.feedback.reading import Shape
from newsletter_app.feedback.rules import Effect, State
from newsletter_app.service_mail import ServiceMail
from tests.delivery.conftest import World
from tests.feedback.conftest import Receive, verp

ANSWER = """From: Rose <Rose@example.ca>
To: tips@example.org
Subject: =?utf-8?q?Merci_=E2=9C=93?=

Thank you. How far do I walk?

> Walk a little each day.
"""


def queued(world: World) -> list[ServiceMail]:
    with world.unit_of_work() as session:
        return list(session.scalars(select(ServiceMail)))


def test_a_readers_answer_goes_to_the_organisation_once(sent: World, receive: Receive) -> None:
    first = receive(ANSWER, to=verp(sent))
    assert (first.shape, first.state, first.effect) == (Shape.reply, State.applied, Effect.forwarded)
    assert not receive(ANSWER, to=verp(sent)).is_new
    (mail,) = queued(sent)
    assert (mail.kind, mail.address, mail.language) == ("reply", "help@example.org", "en")
    assert mail.facts["subject"] == "Merci ✓"
    assert mail.facts["words"].startswith("Thank you. How far do I walk?\n")
    assert mail.facts["reply_to"] == "rose@example.ca"


@pytest.mark.parametrize(
    "hidden", ["=?utf-8?q?a=00_b?=", "=?utf-7?q?a+2AA-_b?=", "=?unicode_escape?q?a=5Cudfff_b?="]
)
def test_what_no_mail_can_hold_does_not_go_on(sent: World, receive: Receive, hidden: str) -> None:
    """A mail that cannot be composed stops whoever sends it, and all mails behind it."""  # M46
    raw = ANSWER.replace("=?utf-8?q?Merci_=E2=9C=93?=", hidden).replace("walk?", "walk\x1b?")
    assert receive(raw, to=verp(sent)).effect is Effect.forwarded
    (mail,) = queued(sent)
    assert mail.facts["subject"] == "a b"
    assert "walk ?" in mail.facts["words"]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"to": ""}, State.waiting),
        ({"raw": ANSWER.replace("Rose@example.ca", "Help@example.org")}, State.waiting),
        ({"raw": ANSWER.replace("Rose <Rose@example.ca>", "somebody")}, State.waiting),
        ({"raw": ANSWER.replace("Rose@example.ca", "rosé@example.ca")}, State.waiting),
        ({"raw": "Auto-Submitted: auto-generated\n" + ANSWER}, State.ignored),  # M47
    ],
    ids=["unproven", "the organisation's own", "nobody to answer", "no header holds it", "a machine's"],
)
def test_what_waits_or_ends_here(sent: World, receive: Receive, change: dict[str, str], state: State) -> None:
    came = receive(change.get("raw", ANSWER), to=change.get("to", verp(sent)))
    assert (came.state, came.effect) == (state, None)
    assert queued(sent) == []


def test_an_answer_that_came_by_the_organisations_address_waits(sent: World, receive: Receive) -> None:
    """What is sent there comes back here, as a machine's own mail, and is put away unread."""  # M47
    raw = f"{ANSWER}> {verp(sent)}@bounce.example.org\n"
    for came in (receive(raw, to="Help@example.org"), receive(f"Delivered-To: help@example.org\n{raw}")):
        assert (came.shape, came.state, came.effect) == (Shape.reply, State.waiting, None)
    assert queued(sent) == []


def test_without_an_address_it_waits_to_be_read_here(sent: World, receive: Receive) -> None:
    with sent.unit_of_work() as session:
        organisation.set_facts(session, email="")
    came = receive(ANSWER, to=verp(sent))
    assert (came.state, queued(sent)) == (State.waiting, [])
    with sent.unit_of_work() as session:
        assert [event.id for event in feedback.waiting(session)] == [came.event_id]


def test_a_flood_waits(sent: World, receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "MOST_A_DAY", 2)
    states = [receive(f"{ANSWER}{number}", to=verp(sent)).state for number in range(3)]
    assert states == [State.applied, State.applied, State.waiting]
