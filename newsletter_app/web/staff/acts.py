"""What the audit log's codes are called on a page; one that has no words here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

ACTS: Final[Mapping[str, LazyString]] = {
    "campaign.authentication-waived": lazy_gettext("Sent although the DNS did not vouch for us"),
    "campaign.cancelled": lazy_gettext("Campaign cancelled"),
    "campaign.complaints": lazy_gettext("Complaints about a campaign"),
    "campaign.decided": lazy_gettext("Uncertain mails of a campaign settled"),
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
    "notice.disclaimer-locked": lazy_gettext("Disclaimer of a notice locked"),
    "notice.disclaimer-unlocked": lazy_gettext("Disclaimer of a notice unlocked"),
    "notice.series-ended": lazy_gettext("Notice offers a series no more"),
    "notice.series-offered": lazy_gettext("Notice offers a series"),
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
    "subscriber.data": lazy_gettext("Copy of a reader's data made"),
    "subscriber.erased": lazy_gettext("Reader erased"),
    "subscriber.stopped": lazy_gettext("Reader stopped"),
    "suppression.added": lazy_gettext("Address suppressed"),
    "suppression.lifted": lazy_gettext("Suppression lifted"),
    "suppressions.imported": lazy_gettext("Suppressions imported"),
    "tip.approved": lazy_gettext("Tip approved"),
    "tip.asked": lazy_gettext("Approval of a tip asked for"),
    "tip.begun": lazy_gettext("Tip begun"),
    "tip.changed": lazy_gettext("Tip changed, to be approved anew"),
    "tip.corrected": lazy_gettext("Tip corrected"),
    "tip.given-back": lazy_gettext("Tip given back to its writer"),
    "tip.imported": lazy_gettext("Tip imported"),
    "tip.published": lazy_gettext("Tip published"),
    "tip.rehearsed": lazy_gettext("Test mail of a tip sent"),
    "tip.released": lazy_gettext("Changes of a tip shown to readers"),
    "tip.reviewed": lazy_gettext("Tip checked"),
    "tip.scheduled": lazy_gettext("Tip scheduled"),
    "tip.topics-set": lazy_gettext("Topics of a tip set"),
    "tip.waived": lazy_gettext("Finding about a tip waived"),
    "tip.withdrawn": lazy_gettext("Tip withdrawn"),
    "topic.added": lazy_gettext("Topic added"),
}


DETAILS: Final[Mapping[str, LazyString]] = {
    "accepted": lazy_gettext("Accepted"),
    "campaigns": lazy_gettext("Campaigns"),
    "comment": lazy_gettext("Comment"),
    "complaints": lazy_gettext("Complaints"),
    "count": lazy_gettext("How many"),
    "due_at": lazy_gettext("Goes out"),
    "how": lazy_gettext("How"),
    "language": lazy_gettext("Language"),
    "layout": lazy_gettext("Layout"),
    "names": lazy_gettext("What changed"),
    "reason": lazy_gettext("Why"),
    "role": lazy_gettext("Role"),
    "rows": lazy_gettext("How many"),
    "source": lazy_gettext("Source"),
    "what": lazy_gettext("What"),
    "why": lazy_gettext("Why"),
}


def act_words(action: str) -> str:
    """Return what ``action`` is called in the page's language."""
    return str(ACTS.get(action, action))


def detail_words(name: str) -> str:
    """Return what the detail ``name`` of an act is called in the page's language."""
    return str(DETAILS.get(name, name))
