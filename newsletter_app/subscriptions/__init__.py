"""Subscriptions: signups, confirming, choosing, stopping, and the proof of consent for each of them."""

from __future__ import annotations

from newsletter_app.subscriptions.choosing import Chosen, choose
from newsletter_app.subscriptions.confirming import ConfirmView, confirm, confirm_page
from newsletter_app.subscriptions.consent import Evidence
from newsletter_app.subscriptions.deciding import decide, decide_all
from newsletter_app.subscriptions.erasing import addresses_of, erase
from newsletter_app.subscriptions.keeping import forget_evidence, forget_forms, gone_since, never_confirmed
from newsletter_app.subscriptions.models import (
    ConsentRecord,
    Missed,
    Owed,
    Series,
    Signup,
    Subscription,
    Untold,
)
from newsletter_app.subscriptions.pausing import end_pauses, forget_missed, go_on, missed_by, send_missed
from newsletter_app.subscriptions.proposing import forget_proposed_zone, proposed_zone
from newsletter_app.subscriptions.queries import consents_of, head, of_subscriber, owed_to
from newsletter_app.subscriptions.rhythm import CADENCES, set_cadences
from newsletter_app.subscriptions.rules import (
    AGAIN_AFTER,
    CONFIRM_WITHIN,
    RESTART_WITHIN,
    UNDO_WITHIN,
    WHYS,
    can_restart,
    can_undo,
)
from newsletter_app.subscriptions.series import (
    OWED,
    PACES,
    begin_series,
    came_out,
    change_series,
    extend_series,
    is_running,
    passed_over,
    series_of,
    stop_series,
)
from newsletter_app.subscriptions.signups import (
    AgainResult,
    SignupForm,
    ask_again,
    ask_for_link,
    find_signup,
    receive,
    renew_link,
    undecided_ids,
)
from newsletter_app.subscriptions.staffing import STAFF_SOURCES, StaffAdded, add_by_staff, stop_by_staff
from newsletter_app.subscriptions.stopping import Stopped, say_why, start_again, stop
from newsletter_app.subscriptions.welcoming import WelcomeFacts

__all__ = [
    "AGAIN_AFTER",
    "CADENCES",
    "CONFIRM_WITHIN",
    "OWED",
    "PACES",
    "RESTART_WITHIN",
    "STAFF_SOURCES",
    "UNDO_WITHIN",
    "WHYS",
    "AgainResult",
    "Chosen",
    "ConfirmView",
    "ConsentRecord",
    "Evidence",
    "Missed",
    "Owed",
    "Series",
    "Signup",
    "SignupForm",
    "StaffAdded",
    "Stopped",
    "Subscription",
    "Untold",
    "WelcomeFacts",
    "add_by_staff",
    "addresses_of",
    "ask_again",
    "ask_for_link",
    "begin_series",
    "came_out",
    "can_restart",
    "can_undo",
    "change_series",
    "choose",
    "confirm",
    "confirm_page",
    "consents_of",
    "decide",
    "decide_all",
    "end_pauses",
    "erase",
    "extend_series",
    "find_signup",
    "forget_evidence",
    "forget_forms",
    "forget_missed",
    "forget_proposed_zone",
    "go_on",
    "gone_since",
    "head",
    "is_running",
    "missed_by",
    "never_confirmed",
    "of_subscriber",
    "owed_to",
    "passed_over",
    "proposed_zone",
    "receive",
    "renew_link",
    "say_why",
    "send_missed",
    "series_of",
    "set_cadences",
    "start_again",
    "stop",
    "stop_by_staff",
    "stop_series",
    "undecided_ids",
]
