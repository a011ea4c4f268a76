"""Bounces of deliveries: at hand-over and days later; suppressed, counted, or nobody's business."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from newsletter_app import delivery, suppression
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery, Followed
from newsletter_app.mail.refusals import Kind, Reason, Verdict
from newsletter_app.mail.replies import Reply
from tests.delivery.conftest import World
from tests.fakes.transports import BUSY, NO_SUCH_PERSON, OK, POLICY, ScriptedTransport

UNKNOWN = Verdict(Kind.hard, Reason.user_unknown)
FULL = Verdict(Kind.soft, Reason.full)


def blocked(world: World) -> list[tuple[str, str, str]]:
    with world.unit_of_work() as session:
        return [(row.scope, row.reason, row.source) for row in suppression.listed(session)]


def feedback(world: World) -> str:
    with world.unit_of_work() as session:
        return session.scalars(select(Delivery.feedback)).one()


ANSWERS = (
    (NO_SUCH_PERSON, True),
    (Reply(550, "5.7.1", "Recipient address rejected: User unknown"), True),
    (Reply(552, "5.2.2", "over quota"), False),
    (Reply(550, None, "no"), False),
    (POLICY, False),
    (Reply(550, "5.1.1", "blocked using zen.spamhaus.org"), False),
    (BUSY, False),
    (OK, False),
)


def test_refusals_at_hand_over(world: World) -> None:
    """In the transaction that records them; only what says that the address is gone."""  # M40, M42
    world.launched(readers=len(ANSWERS))
    script = {f"reader{number}@example.ca": [answer] for number, (answer, _) in enumerate(ANSWERS, 1)}
    world.send(world.office(ScriptedTransport(world.clock, script)))
    with world.unit_of_work() as session:
        gone = {row.address_key for row in suppression.listed(session)}
    assert gone == {f"key-{number}" for number, (_, is_gone) in enumerate(ANSWERS, 1) if is_gone}
    assert set(blocked(world)) == {("bulk", "bounce", "campaign 1: hard, user-unknown")}


def test_a_mailbox_that_stays_full(world: World) -> None:
    """The third refusal in eight days is one too many; our own faults between them do not count."""  # M40
    full, policy = (552, "5.2.2", "over quota"), (550, "5.7.1", "refused by policy")
    world.launched(readers=1)
    with world.unit_of_work() as session:
        row = session.scalars(select(Delivery)).one()
        kept = {column.name: getattr(row, column.name) for column in Delivery.__table__.columns}
        for days, (code, enhanced, said) in ((8, full), (5, policy), (4, full)):
            at = row.due_at - timedelta(days=days)
            old = {"campaign_id": 100 + days, "state": "refused", "settled_at": at, "reply_code": code}
            session.add(Campaign(id=100 + days, occurrence=f"test:{days}", due_at=at, created_at=at))
            session.flush()
            session.add(Delivery(**(kept | old | {"reply_enhanced": enhanced, "reply_text": said})))
    answers = {"reader1@example.ca": [Reply(*full)]}
    world.send(world.office(ScriptedTransport(world.clock, answers)))
    assert blocked(world) == [("bulk", "bounce", "campaign 1: soft, full")]


def test_bounces_that_come_later(world: World) -> None:
    """The row stays accepted; its feedback says the rest, and a complaint outweighs a bounce."""  # M42, M43
    world.launched(readers=1)
    world.send(world.office(ScriptedTransport(world.clock)))
    with world.unit_of_work() as session:
        ours = Verdict(Kind.sender_fault, Reason.spam)
        assert delivery.note_bounce(session, world.campaign_id, 1, ours, world.clock()) is Followed.nothing
    assert (feedback(world), blocked(world)) == ("none", [])
    with world.unit_of_work() as session:
        assert delivery.note_bounce(session, world.campaign_id, 1, FULL, world.clock()) is Followed.counted
    assert (feedback(world), blocked(world)) == ("bounced", [])
    with world.unit_of_work() as session:
        assert (
            delivery.note_bounce(session, world.campaign_id, 1, UNKNOWN, world.clock()) is Followed.suppressed
        )
        delivery.note_complaint(session, world.campaign_id, 1)
        delivery.note_bounce(session, world.campaign_id, 1, FULL, world.clock())
    assert (feedback(world), len(blocked(world))) == ("complained", 1)
    with world.unit_of_work() as session:
        assert session.scalars(select(Delivery.state)).one() == "accepted"


def test_a_bounce_of_a_reader_who_is_gone(world: World) -> None:
    """Erased meanwhile, or never there: nothing follows, and nothing fails."""
    with world.unit_of_work() as session:
        assert delivery.note_bounce(session, 7, 1001, UNKNOWN, world.clock()) is Followed.nothing
    assert blocked(world) == []
