"""A pause that is over when a campaign is planned, though no tick has seen it yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import subscribers
from newsletter_app.campaigns import EditionItem, launch_due
from newsletter_app.planning import plan_slice
from newsletter_app.subscriptions import missed_by
from newsletter_app.tips import Publication, send_into
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader

HOUR = timedelta(hours=1)


def test_planning_ends_it_and_mails_only_what_is_new(session: Session, now: datetime) -> None:
    make_organisation(session)
    notice = make_notice(session, now)
    reader = make_reader(session, 1, [notice], now - 3 * HOUR)
    subscribers.pause(session, reader, now - HOUR)
    missed = make_tip(session, notice, 24, now - 2 * HOUR)
    send_into(session, missed, [notice.id], now - 2 * HOUR)
    fresh = make_tip(session, notice, 25, now)
    make_campaign(session, fresh, [notice], now)
    [campaign_id] = launch_due(session, now)
    while plan_slice(session, campaign_id, 10, now):
        continue
    held = select(Publication.tip_id).join(EditionItem, EditionItem.publication_id == Publication.id)
    assert session.scalars(held).all() == [fresh.id]
    assert missed_by(session, reader.id) == [missed.id]
