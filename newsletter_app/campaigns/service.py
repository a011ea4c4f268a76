"""Campaign verbs: schedule, launch, hold, pause, resume, cancel; each is idempotent, none sends anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app import ledger, preflight, tips
from newsletter_app.authentication import Identity
from newsletter_app.campaigns import rules
from newsletter_app.campaigns.cadences import bind_notices
from newsletter_app.campaigns.models import Campaign, CampaignNotice
from newsletter_app.campaigns.occurrences import SERIES
from newsletter_app.campaigns.proving import is_to_wait
from newsletter_app.campaigns.recalling import refuse_recalled
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.local_time import day_begun
from newsletter_app.kernel.remembering import once
from newsletter_app.kernel.rings import ring
from newsletter_app.kernel.upserts import insert
from newsletter_app.subscriptions import extend_series
from newsletter_app.tips import Publication, Tip, writing


def schedule(
    session: Session,
    tip: Tip,
    *,
    due_at: datetime,
    by: str,
    now: datetime,
    notice_ids: Sequence[int] | None = None,
) -> Campaign:
    """Return the one campaign of ``tip``, due at ``due_at``; one not yet launched is moved there.

    It goes to the readers of ``notice_ids`` (default: the notices the tip already stands in, else its own).
    The tip takes its place in them when it is launched. Two calls at once make one campaign.
    Raises Breach ``tip-not-approved`` where the organisation wants tips to be approved first.
    """
    if not writing.is_held_back(tip):
        writing.approve_by_sending(session, tip)
    occurrence = rules.occurrence_of_tip(tip.id, tip.number)
    row = {
        "occurrence": occurrence,
        "cadence": "each",
        "kind": "newsletter",
        "tip_id": tip.id,
        "state": "scheduled",
        "pause_reason": "",
        "due_at": due_at,
        "created_by": by,
        "created_at": now,
    }
    session.execute(insert(session, Campaign).values(row).on_conflict_do_nothing())
    campaign = session.scalars(
        select(Campaign).where(Campaign.occurrence == occurrence).with_for_update()
    ).one()
    if _is_unlaunched(campaign):
        campaign.state, campaign.due_at = "scheduled", due_at
        campaign.paused_by, campaign.pause_reason = None, ""
        campaign.authentication_waived_by, campaign.finished_at = "", None
        _set_notices(session, campaign, sorted(set(notice_ids or audience_of(session, tip))))
    session.flush()
    return campaign


def launch_due(session: Session, now: datetime, sender: Identity | None = None) -> list[int]:
    """Launch what is due; hold and ask about what is more than six hours late or must not go out.

    Where mail leaves for other machines, ``sender`` is who they are to believe it comes from: what they would
    not is held, too. Returns the ids of the campaigns that began. Their tips are on the web and in their
    notices from now on.
    A weekly or monthly one begins with its day, wherever on Earth that is first: its readers' hours follow.
    """
    has_come = or_(and_(Campaign.day.is_(None), Campaign.due_at <= now), Campaign.day <= day_begun(now))
    due = select(Campaign).where(Campaign.state == "scheduled", has_come).order_by(Campaign.due_at)
    begun = []
    for campaign in session.scalars(due.with_for_update(skip_locked=True)).all():
        if rules.is_overdue(campaign.due_at, now):
            _hold(campaign, rules.OVERDUE)
        elif blocked := _blocked(session, campaign, now):
            _hold(campaign, ",".join(blocked))
        elif not is_to_wait(session, campaign, sender):
            _launch(session, campaign, now)
            begun.append(campaign.id)
    session.flush()
    return begun


def pause(session: Session, campaign: Campaign, by: str, now: datetime) -> None:
    """Stop claims at once; what is under way arrives. Raises Breach ``campaign-not-running``."""
    if campaign.state == "paused" and campaign.paused_by == rules.BY_STAFF:
        return
    if campaign.state != "paused" and not rules.can_pause(campaign.state):
        raise Breach("campaign-not-running", campaign=campaign.id, state=campaign.state)
    campaign.state, campaign.paused_by, campaign.pause_reason = "paused", rules.BY_STAFF, f"by {by}"[:300]
    session.flush()


def resume(session: Session, campaign: Campaign, by: str, now: datetime) -> None:
    """Go on where it was paused; a held launch goes out now.

    Raises Breach ``campaign-not-paused``, and ``campaign-recalled`` while a tip it mails is taken back. A
    person who resumes what the breaker paused says that the servers are mended: they are tried at once.
    """
    if campaign.state in ("scheduled", *rules.RUNNING):
        return
    if campaign.state != "paused":
        raise Breach("campaign-not-paused", campaign=campaign.id, state=campaign.state)
    refuse_recalled(session, campaign)
    if campaign.paused_by == rules.BY_BREAKER:
        ledger.close_breakers(session, ledger.BreakerKind.server)
    if campaign.started_at is None:
        campaign.state = "scheduled"
        if campaign.due_at < now:
            campaign.due_at = now
    else:
        # Planning finds out by itself whether it was done; it goes on behind ``planned_to``.
        campaign.state = "planning"
        ring(session, "plan_campaign", campaign.id)
    campaign.paused_by, campaign.pause_reason = None, ""
    session.flush()


def cancel(
    session: Session, campaign: Campaign, by: str, now: datetime, *, give_back: bool | None = None
) -> None:
    """End a campaign; its readers get its tips with a later mail only if ``give_back``.

    Unless said, a weekly or monthly mail is given back and each tip's is not. Rows not yet handed over are
    settled by ``delivery.drop_cancelled``. Raises Breach ``campaign-ended``.
    """
    if give_back is None:
        give_back = campaign.tip_id is None
    if campaign.state == "cancelled":
        return
    if not rules.can_cancel(campaign.state):
        raise Breach("campaign-ended", campaign=campaign.id, state=campaign.state)
    campaign.state, campaign.paused_by, campaign.finished_at = "cancelled", None, now
    campaign.pause_reason = rules.GIVEN_BACK if give_back else rules.DROPPED
    ring(session, "bulk_tick")
    session.flush()


def call_off(session: Session, campaign: Campaign, now: datetime) -> None:
    """Take a launch back before it begins; it can be scheduled anew. Raises Breach ``campaign-begun``."""
    session.refresh(campaign, with_for_update=True)
    if campaign.started_at is not None:
        raise Breach("campaign-begun", campaign=campaign.id)
    if campaign.state != "cancelled":
        campaign.state, campaign.paused_by, campaign.finished_at = "cancelled", None, now
        campaign.pause_reason = rules.GIVEN_BACK if campaign.tip_id is None else rules.DROPPED
    session.flush()


def hold(session: Session, campaign_id: int, reason: str) -> bool:
    """Pause a running campaign by machine and ask a person; return whether it was running."""
    statement = (
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.state.in_(rules.RUNNING))
        .values(state="paused", paused_by=rules.BY_QUESTION, pause_reason=reason[:300])
        .returning(Campaign.id)
    )
    return session.scalar(statement) is not None


def _is_unlaunched(campaign: Campaign) -> bool:
    return campaign.started_at is None and campaign.state in ("scheduled", "paused", "cancelled")


def audience_of(session: Session, tip: Tip) -> list[int]:
    """Return the notices whose readers get ``tip`` unless said otherwise: where it stands, else its own."""
    placed = select(Publication.notice_id).where(Publication.tip_id == tip.id).order_by(Publication.notice_id)
    found = once(session, (Publication, tip.id), lambda: list(session.scalars(placed)))
    return list(found) or [tip.notice_id]


def _set_notices(session: Session, campaign: Campaign, notice_ids: Sequence[int]) -> None:
    mine = CampaignNotice.campaign_id == campaign.id
    for gone in session.scalars(
        select(CampaignNotice).where(mine, CampaignNotice.notice_id.not_in(notice_ids))
    ):
        session.delete(gone)
    rows = [{"campaign_id": campaign.id, "notice_id": notice_id} for notice_id in notice_ids]
    session.execute(insert(session, CampaignNotice).values(rows).on_conflict_do_nothing())


def _blocked(session: Session, campaign: Campaign, now: datetime) -> list[str]:
    """Return what forbids the launch; of a mail that gathers tips, each was looked at when it went out."""
    if campaign.tip_id is None:
        return preflight.blocking_identity(session)
    tip = _tip(session, campaign)
    # Changed since it was scheduled: nobody has said that it may go out as it is now.
    changed = [] if writing.is_held_back(tip) or tip.stage == "approved" else [preflight.NOT_APPROVED]
    return changed + preflight.blocking_codes(session, tip, now)


def _tip(session: Session, campaign: Campaign) -> Tip:
    tip = session.get(Tip, campaign.tip_id)
    if tip is None:
        raise Breach("campaign-without-tip", campaign=campaign.id)
    return tip


def _hold(campaign: Campaign, reason: str) -> None:
    campaign.state, campaign.paused_by, campaign.pause_reason = "paused", rules.BY_QUESTION, reason[:300]


def _launch(session: Session, campaign: Campaign, now: datetime) -> None:
    if campaign.tip_id is not None:
        _send_tip(session, campaign, now)
    elif campaign.kind != rules.CORRECTION:
        bind_notices(session, campaign)
        if campaign.cadence == SERIES:
            extend_series(session, now)
    campaign.state, campaign.started_at = "planning", now
    campaign.expires_at = rules.expires_at(now, campaign.day)
    ring(session, "plan_campaign", campaign.id)


def _send_tip(session: Session, campaign: Campaign, now: datetime) -> None:
    tip = _tip(session, campaign)
    mine = select(CampaignNotice.notice_id).where(CampaignNotice.campaign_id == campaign.id)
    tips.publish(session, tip, now)
    tips.send_into(session, tip, session.scalars(mine).all(), now)
