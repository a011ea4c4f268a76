"""What distinguishes one digest from another of its campaign: values alone, so that it can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter_app.digests.list_fields import NOT_LAUNCHED
from newsletter_app.kernel.languages import Language
from newsletter_app.notices import Notice


@dataclass(frozen=True, slots=True)
class DigestOf:
    """The tips of a digest in reading order, and how it is written.

    ``notice_ids`` names for each tip the notice that it stands under; without it all stand under the first.
    ``pace`` is that of a series that goes on after it.
    ``note_ids`` are the corrections it tells of; without a tip it is the mail of a correction alone.
    ``campaign_id`` stands in its Feedback-ID only.
    """

    tip_ids: tuple[int, ...]
    notices: tuple[Notice, ...]
    language: Language
    layout: str
    next_at: datetime | None
    cadence: str = "each"
    notice_ids: tuple[int, ...] = ()
    campaign_id: int = NOT_LAUNCHED
    pace: str = ""
    note_ids: tuple[int, ...] = ()
