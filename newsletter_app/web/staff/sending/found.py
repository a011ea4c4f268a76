"""What an address of these pages names: a campaign; whatever it does not name is no page (404)."""

from __future__ import annotations

from flask import abort

from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign
from newsletter_app.web.database import session


def campaign_of(campaign_id: int) -> Campaign:
    """Return the campaign of this id."""
    found = campaigns.find(session(), campaign_id) if campaign_id < 2**31 else None
    return found if found is not None else abort(404)
