"""Going on with a campaign that was over: only within its lifetime, and never with a cancelled one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app.campaigns.models import Campaign
from newsletter_app.campaigns.recalling import refuse_recalled
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.rings import ring


def hold_for_retry(session: Session, campaign: Campaign, now: datetime) -> None:
    """Hold the campaign's row until the transaction ends, so that nobody finishes it meanwhile.

    Raises Breach ``campaign-cancelled``, ``campaign-not-launched``, ``campaign-recalled`` or
    ``campaign-too-old``: mails are kept for the campaign's lifetime only, and what came later would be no
    news.
    """
    session.refresh(campaign, with_for_update=True)
    if campaign.state == "cancelled":
        raise Breach("campaign-cancelled", campaign=campaign.id)
    if campaign.expires_at is None:
        raise Breach("campaign-not-launched", campaign=campaign.id)
    if campaign.expires_at <= now:
        raise Breach("campaign-too-old", campaign=campaign.id)
    refuse_recalled(session, campaign)


def reopen(session: Session, campaign: Campaign) -> None:
    """Go on with a campaign that was finished, or about to be; one that is paused stays paused.

    It goes by way of planning: whoever is just finishing it finds it in another state.
    """
    if campaign.state not in ("finished", "sending"):
        return
    campaign.state, campaign.finished_at = "planning", None
    ring(session, "plan_campaign", campaign.id)
    session.flush()
