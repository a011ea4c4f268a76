"""Deliveries: claimed, handed over, recorded, settled, each reader once; who gets what was planned before."""

from newsletter_app.delivery.absence import hold_after_absence
from newsletter_app.delivery.bounce_rules import is_gone
from newsletter_app.delivery.bouncing import (
    BOUNCED,
    CameBack,
    Followed,
    came_back,
    note_bounce,
    note_complaint,
)
from newsletter_app.delivery.breaking import Step, keep_in_step
from newsletter_app.delivery.claiming import (
    ClaimedDelivery,
    Place,
    Taken,
    claim_one,
    claim_rows,
    recheck_rows,
)
from newsletter_app.delivery.counting import handed_over_since
from newsletter_app.delivery.deciding import count_as_arrived
from newsletter_app.delivery.ending import (
    cancelled_with_rows,
    drop_cancelled,
    expire_late,
    finish,
    let_editions_go,
)
from newsletter_app.delivery.erasing import erase
from newsletter_app.delivery.errand import ShardErrand
from newsletter_app.delivery.filling import Filling, Postmark, fill, message_id
from newsletter_app.delivery.history import lately_sent, latest
from newsletter_app.delivery.models import SHARDS, Delivery, DeliveryCount, ShardLease
from newsletter_app.delivery.owing import DELIVERIES, counts_as_delivered, give_back
from newsletter_app.delivery.pacing import Tempo
from newsletter_app.delivery.partitions import make_partition, retire
from newsletter_app.delivery.probe_errand import send_probe
from newsletter_app.delivery.probing import begin_probes
from newsletter_app.delivery.progress import Kind as ProgressKind
from newsletter_app.delivery.progress import Progress, ended_counts, progress, recount
from newsletter_app.delivery.retrying import Kind, Retried, retry, retryable
from newsletter_app.delivery.rules import CANCELLED, ENDED, NOT_FOR_GOOD, SUPPRESSED
from newsletter_app.delivery.shards import (
    leave_all,
    leave_shard,
    open_shards,
    rest_shard,
    shards_to_ring,
    take_shard,
    wake,
)
from newsletter_app.delivery.slices import Outfit, send_shard
from newsletter_app.delivery.status import EditionStatus, Status, by_edition, status

__all__ = [
    "BOUNCED",
    "CANCELLED",
    "DELIVERIES",
    "ENDED",
    "NOT_FOR_GOOD",
    "SHARDS",
    "SUPPRESSED",
    "CameBack",
    "ClaimedDelivery",
    "Delivery",
    "DeliveryCount",
    "EditionStatus",
    "Filling",
    "Followed",
    "Kind",
    "Outfit",
    "Place",
    "Postmark",
    "Progress",
    "ProgressKind",
    "Retried",
    "ShardErrand",
    "ShardLease",
    "Status",
    "Step",
    "Taken",
    "Tempo",
    "begin_probes",
    "by_edition",
    "came_back",
    "cancelled_with_rows",
    "claim_one",
    "claim_rows",
    "count_as_arrived",
    "counts_as_delivered",
    "drop_cancelled",
    "ended_counts",
    "erase",
    "expire_late",
    "fill",
    "finish",
    "give_back",
    "handed_over_since",
    "hold_after_absence",
    "is_gone",
    "keep_in_step",
    "lately_sent",
    "latest",
    "leave_all",
    "leave_shard",
    "let_editions_go",
    "make_partition",
    "message_id",
    "note_bounce",
    "note_complaint",
    "open_shards",
    "progress",
    "recheck_rows",
    "recount",
    "rest_shard",
    "retire",
    "retry",
    "retryable",
    "send_probe",
    "send_shard",
    "shards_to_ring",
    "status",
    "take_shard",
    "wake",
]
