"""What a month comes to: mails by what became of them, and each month beside the one before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from newsletter_app import figures, subscriptions
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery
from newsletter_app.figures import ALL, CampaignFigure, Figures
from newsletter_app.figures.folding import _counted_as
from newsletter_app.mail.replies import Reply
from newsletter_app.subscribers import Subscriber
from tests.delivery.conftest import World
from tests.fakes.transports import ScriptedTransport

GONE = Reply(550, "5.1.1", "no such user")


@pytest.mark.parametrize(
    ("state", "feedback", "names"),
    [
        ("accepted", "none", ["sent", "delivered"]),
        ("accepted", "bounced", ["sent", "refused"]),
        ("accepted", "complained", ["sent", "delivered", "complaints"]),
        ("refused", "none", ["sent", "refused"]),
        ("uncertain", "none", ["sent"]),
        ("uncertain", "bounced", ["sent", "refused"]),
    ],
)
def test_what_a_mail_counts_as(state: str, feedback: str, names: list[str]) -> None:
    assert _counted_as(state, feedback) == names


def send_five(world: World) -> None:
    """One is refused, one never answers; of three that are taken one bounces and one complains."""
    world.launched(5)
    answers = {"reader1@example.ca": [GONE], "reader4@example.ca": [None]}
    world.send(world.office(ScriptedTransport(world.clock, answers)))
    with world.unit_of_work() as session:
        ids = list(session.scalars(select(Subscriber.id).order_by(Subscriber.id)))
        for subscriber_id, feedback in ((ids[1], "bounced"), (ids[2], "complained")):
            mine = update(Delivery).where(Delivery.subscriber_id == subscriber_id)
            session.execute(mine.values(feedback=feedback))


def test_a_campaigns_mails_stand_in_its_month(world: World) -> None:
    send_five(world)
    figures.fold(world.unit_of_work, world.clock() + timedelta(days=1))
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        assert campaign.started_at is not None
        month = campaign.started_at.date().replace(day=1)
        board = figures.board(session, month)
        mailed = {"sent": 5, "delivered": 2, "refused": 2, "complaints": 1}
        assert {name: getattr(board.lines[0].now, name) for name in mailed} == mailed
        assert [line.notice_id for line in board.lines] == [ALL, world.notice_id]
        assert board.lines[1].now.sent == 5
        later = figures.board(session, figures.following(month))
        assert (later.lines[0].now.sent, later.lines[0].before.sent) == (0, 5)


def test_what_was_counted_outlives_the_rows(world: World) -> None:
    send_five(world)
    figures.fold(world.unit_of_work, world.clock() + timedelta(days=1))
    with world.unit_of_work() as session:
        session.execute(Delivery.__table__.delete())
    figures.fold(world.unit_of_work, world.clock() + timedelta(days=2))
    with world.unit_of_work() as session:
        assert session.get_one(CampaignFigure, (world.campaign_id, ALL)).sent == 5


def test_readers_of_a_month_are_those_of_its_last_day(world: World) -> None:
    world.launched(3)
    at = world.clock()
    with world.unit_of_work() as session:
        [first, *_] = session.scalars(select(Subscriber.id).order_by(Subscriber.id))
        subscriptions.stop(session, first, None, source="page", now=at)
    figures.fold(world.unit_of_work, at + timedelta(days=2))
    with world.unit_of_work() as session:
        day = figures.board(session, at.date().replace(day=1))
        assert day.lines[0].now.readers == 2
        assert not day.is_whole
        empty = figures.board(session, date(2020, 1, 1))
        assert (empty.until, empty.lines[0].now) == (None, Figures())
