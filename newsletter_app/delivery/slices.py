"""A slice: one process works on one shard for twenty seconds, then says whether the shard needs another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from newsletter_app import organisation
from newsletter_app.delivery import editions
from newsletter_app.delivery.errand import Ending, ShardErrand
from newsletter_app.delivery.filling import Postmark
from newsletter_app.delivery.pacing import Pacing, Tempo
from newsletter_app.delivery.shards import (
    SLICE,
    leave_shard,
    pass_shard_on,
    put_shard_off,
    rest_shard,
    take_shard,
)
from newsletter_app.digests import Composer
from newsletter_app.kernel.links import Links
from newsletter_app.ledger import Office, is_locked, send_due
from newsletter_app.mail import Keyring


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a slice takes along: the composer of digests, what every message bears, and how to keep pace."""

    composer: Composer
    links: Links
    bounce_domain: str
    keyring: Keyring
    tempo: Tempo


def send_shard(
    campaign_id: int,
    shard: int,
    *,
    office: Office,
    outfit: Outfit,
    stop: Callable[[], bool],
) -> bool:
    """Work on a shard for a slice of 20 seconds; return whether to ring for it again at once.

    Nothing is done while another process is the shard's runner.
    """
    clock, unit_of_work = office.clock, office.unit_of_work
    until = clock() + SLICE
    with unit_of_work() as session:
        if is_locked(session) or not take_shard(session, campaign_id, shard, office.sender_id, clock()):
            return False
        zone = organisation.zone_of(session)
        pacing = Pacing(outfit.tempo, office, zone)
        pacing.refresh(session, clock())
    if not editions.prepare(unit_of_work, outfit.composer, outfit.keyring, campaign_id, clock, stop):
        return False
    postmark = Postmark(outfit.links, outfit.bounce_domain, zone, outfit.keyring)

    def is_over() -> bool:
        return stop() or clock() >= until

    errand = ShardErrand(campaign_id, shard, office, postmark, pacing, is_over)
    send_due(errand, office, is_over, stop)
    return _end(errand.ending, is_over(), campaign_id, shard, office, stop)


def _end(
    ending: Ending | None,
    is_over: bool,
    campaign_id: int,
    shard: int,
    office: Office,
    stop: Callable[[], bool],
) -> bool:
    """Leave the shard as its slice ended; return whether to ring for it again."""
    is_stopped = stop()
    goes_on = not is_stopped and (ending is Ending.held_up or (ending is None and is_over))
    with office.unit_of_work() as session:
        now = office.clock()
        if ending is Ending.dry:
            rest_shard(session, campaign_id, shard, office.sender_id, now)
        elif goes_on:
            pass_shard_on(session, campaign_id, shard, office.sender_id, now)
        elif is_stopped:
            leave_shard(session, campaign_id, shard, office.sender_id, now)
        else:
            # For want of a server, or at a day's cap.
            put_shard_off(session, campaign_id, shard, office.sender_id, now)
    return goes_on
