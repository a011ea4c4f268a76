"""Campaigns: one launch each, to the readers of some notices; who exactly gets it is planning's."""

from newsletter_app.campaigns.breaking import break_off, broken_off, late, mend
from newsletter_app.campaigns.cadences import schedule_digests, slot_of
from newsletter_app.campaigns.models import Campaign, CampaignNotice, Edition, EditionItem
from newsletter_app.campaigns.occurrences import (
    DIGESTS,
    Cadence,
    Slot,
    Wish,
    as_cadence,
    cut_off_at,
    day_after,
    due_from,
    due_on,
    occurrence,
    upcoming_day,
)
from newsletter_app.campaigns.proving import release_proven, waive_authentication
from newsletter_app.campaigns.queries import (
    find,
    find_by_occurrence,
    find_of_tip,
    in_state,
    newest,
    next_due_for,
    notice_ids_of,
    selectors_in_flight,
    upcoming,
)
from newsletter_app.campaigns.recalling import recall
from newsletter_app.campaigns.releasing import release_reviewed
from newsletter_app.campaigns.reopening import hold_for_retry, reopen
from newsletter_app.campaigns.rules import (
    BY_BREAKER,
    BY_CHECK,
    DROPPED,
    ENDED,
    GIVEN_BACK,
    OVERDUE,
    OVERDUE_AFTER,
    is_overdue,
)
from newsletter_app.campaigns.service import audience_of, cancel, hold, launch_due, pause, resume, schedule
from newsletter_app.campaigns.welcoming import welcome_facts

__all__ = [
    "BY_BREAKER",
    "BY_CHECK",
    "DIGESTS",
    "DROPPED",
    "ENDED",
    "GIVEN_BACK",
    "OVERDUE",
    "OVERDUE_AFTER",
    "Cadence",
    "Campaign",
    "CampaignNotice",
    "Edition",
    "EditionItem",
    "Slot",
    "Wish",
    "as_cadence",
    "audience_of",
    "break_off",
    "broken_off",
    "cancel",
    "cut_off_at",
    "day_after",
    "due_from",
    "due_on",
    "find",
    "find_by_occurrence",
    "find_of_tip",
    "hold",
    "hold_for_retry",
    "in_state",
    "is_overdue",
    "late",
    "launch_due",
    "mend",
    "newest",
    "next_due_for",
    "notice_ids_of",
    "occurrence",
    "pause",
    "recall",
    "release_proven",
    "release_reviewed",
    "reopen",
    "resume",
    "schedule",
    "schedule_digests",
    "selectors_in_flight",
    "slot_of",
    "upcoming",
    "upcoming_day",
    "waive_authentication",
    "welcome_facts",
]
