"""From a scheduled tip to mails in the outbox: every reader once, the pending never."""

from __future__ import annotations

from email import message_from_bytes, policy

from sqlalchemy import select

from newsletter_app import outbox
from newsletter_app.campaigns import find
from newsletter_app.delivery import Delivery, status
from newsletter_app.ledger import State
from tests.delivery.conftest import World


def test_every_active_reader_gets_the_tip_once_and_the_campaign_ends(world: World) -> None:
    """Twenty readers on sixteen shards; a second round of sending finds nothing to do."""
    world.launched(readers=20)
    office = world.office()
    world.send(office)
    world.send(office)
    with world.unit_of_work() as session:
        mails = outbox.newest(session, 100)
        campaign = find(session, world.campaign_id)
        assert campaign is not None
        assert status(session, campaign).states == {State.accepted: 20}
    assert sorted(mail.recipient for mail in mails) == sorted(f"reader{n}@example.ca" for n in range(1, 21))
    assert world.campaign_state() == "finished"


def test_the_mail_that_arrives(world: World) -> None:
    """What stands in the envelope and the headers of one mail."""
    world.launched(readers=1)
    world.send(world.office())
    with world.unit_of_work() as session:
        [mail] = outbox.newest(session, 10)
        [delivery] = session.scalars(select(Delivery)).all()
    message = message_from_bytes(mail.message, policy=policy.default)
    key = (delivery.campaign_id, delivery.subscriber_id)
    assert mail.sender == f"{world.links.bounce_local(key)}@bounce.example.org"  # M24
    assert message["Subject"] == "Tip 24: Walk a little 24"
    assert message["To"] == "reader1@example.ca"
    assert str(message["Feedback-ID"]).startswith(f"c{world.campaign_id}:n")  # M44
    assert delivery.reply_code == 250
