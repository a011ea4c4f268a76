"""The bulk tick: what must happen even when every ring was lost; one short transaction a step."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from newsletter_app import campaigns, delivery, figures, ledger, planning, subscriptions
from newsletter_app.kernel.rings import ring
from workers.base import LEDGERS, Process

_log = structlog.get_logger("tick")


def bulk_tick(process: Process) -> None:
    """Settle, end pauses, find who is to be told, schedule, launch, ring, end, probe, count."""
    process.settle()
    unit_of_work, now = process.ports.unit_of_work, process.clock()()
    with unit_of_work() as session:
        if held := delivery.hold_after_absence(session, ledger.last_beat(session, "bulk_tick"), now):
            _log.error("campaigns_overdue", campaigns=held)
        ledger.beat(session, "bulk_tick", now)
        if lost := ledger.expire_leases(session, LEDGERS, now):
            _log.error("leases_lost", rows=lost)
        is_locked = ledger.is_locked(session)
    sender = process.sender
    with unit_of_work() as session:
        # First: what came out during a pause is offered afterwards, not planned.
        if ended := subscriptions.end_pauses(session, now):
            _log.info("pauses_ended", readers=ended)
    _gather_untold(process)
    with unit_of_work() as session:
        if scheduled := campaigns.schedule_digests(session, now):
            _log.info("campaigns_scheduled", campaigns=scheduled)
        if released := campaigns.release_proven(session, sender, now):
            _log.warning("campaigns_released", campaigns=released)
        if not is_locked and (begun := campaigns.launch_due(session, now, sender)):
            _log.info("campaigns_launched", campaigns=begun)
        for campaign in delivery.cancelled_with_rows(session):
            delivery.drop_cancelled(session, campaign, now)
        delivery.let_editions_go(session, now)
    for campaign_id in _running(process):
        with unit_of_work() as session:
            _go_on(session, campaign_id, process)
    with unit_of_work() as session:
        _look_after_breakers(session, process, now, is_locked=is_locked)
    # Last, and each by itself: counting a million rows takes a second.
    with unit_of_work() as session:
        delivery.recount(session, now, process.elapsed)
    with unit_of_work() as session:
        planning.recount_audience(session, now, process.elapsed)
    if folded := figures.fold(unit_of_work, now):
        _log.info("days_folded", days=len(folded))


def _gather_untold(process: Process) -> None:
    """Find who is to be told of a correction, before the next campaign begins; mostly nobody is."""
    more = True
    while more and not process.is_stopping():
        with process.ports.unit_of_work() as session:
            more = planning.gather(session, process.clock()())


def _running(process: Process) -> list[int]:
    with process.ports.unit_of_work() as session:
        return campaigns.in_state(session, "planning", "sending")


def _go_on(session: Session, campaign_id: int, process: Process) -> None:
    now = process.clock()()
    campaign = campaigns.find(session, campaign_id)
    if campaign is None or campaign.state == "planning":
        ring(session, "plan_campaign", campaign_id)
    elif delivery.finish(session, campaign_id, now):
        _log.info("campaign_finished", campaign=campaign_id)
    else:
        for shard in delivery.shards_to_ring(session, campaign_id, now):
            ring(session, "send_shard", campaign_id, shard)


def _look_after_breakers(session: Session, process: Process, now: datetime, *, is_locked: bool) -> None:
    """Pause and resume campaigns as the servers allow, and have what is out probed."""
    step = delivery.keep_in_step(session, process.servers, now)
    if step.broken_off:
        _log.error("campaigns_broken_off", campaigns=step.broken_off)
    if step.mended:
        _log.warning("campaigns_mended", campaigns=step.mended)
    if not is_locked:
        for breaker_id in delivery.begin_probes(session, now, ledger.DICE.random):
            ring(session, "send_probe", breaker_id)
