"""Tasks of the queue ``bulk``: campaigns planned slice by slice, shards sent slice by slice."""

from __future__ import annotations

import structlog

from newsletter_app import delivery, planning, subscriptions
from newsletter_app.kernel.rings import ring
from newsletter_app.ledger import DICE
from workers.base import Process, process
from workers.celery_app import app
from workers.offices import open_office

_log = structlog.get_logger("probe")


def plan_campaign(campaign_id: int) -> None:
    """Plan slices until the campaign is planned or the process is to leave."""
    plan(process(), campaign_id)


def plan(here: Process, campaign_id: int) -> None:
    """Plan slices until the campaign is planned or the process is to leave.

    Pauses that are over end before each slice, in transactions of their own: a slice holds its readers in
    the order of their ids, and whoever holds others beside them would wait for such another for ever.
    """
    more = True
    with here.ports.unit_of_work() as session:
        delivery.make_partition(session, campaign_id)
    while more and not here.is_stopping():
        now, ended = here.clock()(), True
        while ended:
            with here.ports.unit_of_work() as session:
                ended = bool(subscriptions.end_pauses(session, now))
        with here.ports.unit_of_work() as session:
            more = planning.plan_slice(session, campaign_id, planning.SLICE, now)


def send_shard(campaign_id: int, shard: int) -> None:
    """Work on a shard for one slice, then ring again if there is more."""
    here = process()
    with open_office(here, "bulk") as office:
        more = delivery.send_shard(
            campaign_id, shard, office=office, outfit=here.outfit(), stop=here.is_stopping
        )
    if more:
        with here.ports.unit_of_work() as session:
            ring(session, "send_shard", campaign_id, shard)


def send_probe(breaker_id: int) -> None:
    """Send one message to what is out, to see whether it takes mail again."""
    here = process()
    with open_office(here, "bulk") as office:
        is_mended = delivery.send_probe(
            breaker_id, office=office, outfit=here.outfit(), stop=here.is_stopping, dice=DICE.random
        )
    if is_mended is not None:
        _log.warning("probed", breaker=breaker_id, mended=is_mended)


app.task(name="plan_campaign")(plan_campaign)
app.task(name="send_shard")(send_shard)
app.task(name="send_probe")(send_probe)
