"""Campaigns as a person finds them, the next free slot, and a launch that is taken back before it begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from newsletter_app import campaigns, organisation
from newsletter_app.campaigns import Slot
from newsletter_app.kernel.errors import Breach
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign

EDMONTON = Slot(weekday=1, day_of_month=1, hour=9, zone="America/Edmonton")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 3, 2, 16, tzinfo=UTC), datetime(2026, 3, 3, 16, tzinfo=UTC)),
        (datetime(2026, 3, 3, 15, 59, tzinfo=UTC), datetime(2026, 3, 3, 16, tzinfo=UTC)),
        # Not the very moment; and the clocks go forward meanwhile.
        (datetime(2026, 3, 3, 16, tzinfo=UTC), datetime(2026, 3, 10, 15, tzinfo=UTC)),
        # It is still Monday there.
        (datetime(2026, 3, 3, 5, tzinfo=UTC), datetime(2026, 3, 3, 16, tzinfo=UTC)),
    ],
)
def test_the_next_slot_is_a_local_hour(after: datetime, expected: datetime) -> None:
    assert campaigns.next_slot(after, EDMONTON) == expected


def test_a_slot_that_a_notice_uses_is_not_free(session: Session, now: datetime) -> None:
    make_organisation(session)
    organisation.set_facts(session, time_zone="America/Edmonton")
    first, second = make_notice(session, now), make_notice(session, now, "events")
    slot = campaigns.free_slot(session, [first.id], now)
    campaign = make_campaign(session, make_tip(session, first, 24, now), [first], slot)
    assert campaigns.free_slot(session, [first.id], now) - slot == timedelta(days=7) - timedelta(hours=1)
    assert campaigns.free_slot(session, [second.id], now) == slot
    campaigns.call_off(session, campaign, now)
    assert campaigns.free_slot(session, [first.id], now) == slot


def test_what_is_taken_back_can_be_scheduled_anew(session: Session, now: datetime) -> None:
    make_organisation(session)
    notice = make_notice(session, now)
    tip = make_tip(session, notice, 24, now)
    assert campaigns.unsent_tips(session, 5) == [tip]
    campaign = make_campaign(session, tip, [notice], now)
    assert (campaigns.unsent_tips(session, 5), campaigns.to_come(session)) == ([], [campaign])
    for _ in range(2):
        campaigns.call_off(session, campaign, now)
        assert (campaigns.unsent_tips(session, 5), campaigns.to_come(session)) == ([tip], [])
    assert campaigns.ended(session, 5) == [campaign]
    assert make_campaign(session, tip, [notice], now) == campaign
    assert (campaign.state, campaign.finished_at) == ("scheduled", None)
    campaigns.launch_due(session, now)
    assert (campaigns.to_come(session), campaigns.under_way(session)) == ([], [campaign])
    with pytest.raises(Breach, match="campaign-begun"):
        campaigns.call_off(session, campaign, now)
    assert campaigns.ended(session, 5) == []
    campaigns.cancel(session, campaign, "eve@example.org", now)
    assert campaigns.ended(session, 5) == [campaign]
    assert campaigns.ended(session, 5, before=campaign.id) == []
    assert campaigns.unsent_tips(session, 5) == []
