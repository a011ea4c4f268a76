"""What the audit log's codes are called on a page; one that has no words here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

ACTS: Final[Mapping[str, LazyString]] = {
    "campaign.authentication-waived": lazy_gettext("Sent although the DNS did not vouch for us"),
    "campaign.cancelled": lazy_gettext("Campaign cancelled"),
    "campaign.launched": lazy_gettext("Campaign launched"),
    "campaign.paused": lazy_gettext("Campaign paused"),
    "campaign.resumed": lazy_gettext("Campaign resumed"),
    "campaign.retried": lazy_gettext("Campaign tried again"),
    "campaigns.reconciled": lazy_gettext("Uncertain mails compared with a log"),
    "campaigns.retired": lazy_gettext("Old deliveries removed"),
    "campaigns.settled": lazy_gettext("Uncertain mails settled"),
    "dkim.new": lazy_gettext("New key for signing mails"),
    "dkim.use": lazy_gettext("Key for signing mails changed"),
    "domain.held": lazy_gettext("Domain held"),
    "notice.added": lazy_gettext("Notice added"),
    "organisation.review": lazy_gettext("Who approves tips set"),
    "organisation.rhythm": lazy_gettext("Rhythm of mails set"),
    "organisation.set": lazy_gettext("Organisation changed"),
    "pace.dropped": lazy_gettext("Pace limit dropped"),
    "pace.set": lazy_gettext("Pace limit set"),
    "pace.warmed": lazy_gettext("Warm-up begun"),
    "set-up.finished": lazy_gettext("First start finished"),
    "staff.disabled": lazy_gettext("Person let in no more"),
    "staff.enabled": lazy_gettext("Person let in again"),
    "staff.invited": lazy_gettext("Person invited"),
    "staff.password": lazy_gettext("Password chosen"),
    "staff.recovery-code": lazy_gettext("Recovery code used"),
    "staff.refused": lazy_gettext("Could not sign in"),
    "staff.reset-asked": lazy_gettext("New password asked for"),
    "staff.role": lazy_gettext("Role changed"),
    "staff.second-factor": lazy_gettext("Phone for codes set up"),
    "staff.second-factor-taken": lazy_gettext("Phone for codes taken off"),
    "staff.signed-in": lazy_gettext("Signed in"),
    "subscriber.added": lazy_gettext("Reader added"),
    "subscriber.stopped": lazy_gettext("Reader stopped"),
    "suppression.added": lazy_gettext("Address suppressed"),
    "suppression.lifted": lazy_gettext("Suppression lifted"),
    "suppressions.imported": lazy_gettext("Suppressions imported"),
    "tip.corrected": lazy_gettext("Tip corrected"),
    "tip.imported": lazy_gettext("Tip imported"),
    "tip.published": lazy_gettext("Tip published"),
    "tip.reviewed": lazy_gettext("Tip checked"),
    "tip.scheduled": lazy_gettext("Tip scheduled"),
    "tip.topics-set": lazy_gettext("Topics of a tip set"),
    "tip.waived": lazy_gettext("Finding about a tip waived"),
    "tip.withdrawn": lazy_gettext("Tip withdrawn"),
    "topic.added": lazy_gettext("Topic added"),
}


def act_words(action: str) -> str:
    """Return what ``action`` is called in the page's language."""
    return str(ACTS.get(action, action))
