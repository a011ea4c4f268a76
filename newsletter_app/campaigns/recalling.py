"""A tip that was taken back is mailed to nobody more: what sends it stands still until a person decides."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import rules
from newsletter_app.campaigns.models import Campaign, Edition, EditionItem
from newsletter_app.kernel.errors import Breach
from newsletter_app.tips import Publication, Tip

_CARRIED = (
    select(Edition.campaign_id, Publication.tip_id)
    .join(EditionItem, EditionItem.edition_id == Edition.id)
    .join(Publication, Publication.id == EditionItem.publication_id)
    .where(~EditionItem.by_note)
    .subquery()
)
_BROKEN_OFF = and_(Campaign.state == "paused", Campaign.paused_by == rules.BY_BREAKER)


def recall(session: Session, tip: Tip, by: str) -> list[Campaign]:
    """Pause every campaign that mails ``tip`` now, alone or among others; return them, the earliest first.

    What is under way arrives. A campaign that has not begun is held at its launch, by its preflight. One
    that the breaker paused is paused by ``by`` from now on, so that no probe lets it go.
    """
    carrying = select(_CARRIED.c.campaign_id).where(_CARRIED.c.tip_id == tip.id)
    mailing = (
        select(Campaign)
        .where(or_(Campaign.tip_id == tip.id, Campaign.id.in_(carrying)))
        .where(or_(Campaign.state.in_(rules.RUNNING), _BROKEN_OFF))
        .order_by(Campaign.due_at, Campaign.id)
    )
    found = list(session.scalars(mailing.with_for_update()))
    for campaign in found:
        campaign.state, campaign.paused_by = "paused", rules.BY_STAFF
        campaign.pause_reason = f"by {by}, who took the tip back"[:300]
    session.flush()
    return found


def refuse_recalled(session: Session, campaign: Campaign) -> None:
    """Raise Breach ``campaign-recalled`` when a tip that ``campaign``, once begun, mails was taken back."""
    carried = select(_CARRIED.c.tip_id).where(_CARRIED.c.campaign_id == campaign.id)
    mailed = or_(Tip.id == campaign.tip_id, Tip.id.in_(carried))
    taken_back = select(Tip.id).where(mailed, Tip.withdrawn_at.is_not(None))
    if campaign.started_at is not None and session.scalar(taken_back.limit(1)) is not None:
        raise Breach("campaign-recalled", campaign=campaign.id)
