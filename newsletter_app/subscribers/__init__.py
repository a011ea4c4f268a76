"""Subscribers: a person's address and preferences, and changing the address; knows no notice."""

from __future__ import annotations

from newsletter_app.subscribers.address_change import (
    AddressAsked,
    ask_address_change,
    changed_address_since,
    confirm_address_change,
    find_change,
    keep_address,
)
from newsletter_app.subscribers.erasing import data_subject, forget_changes, remove
from newsletter_app.subscribers.models import NONCE_BYTES, AddressChange, Subscriber, new_nonce
from newsletter_app.subscribers.rules import (
    CONFIRM_WITHIN,
    PAUSES,
    UNDO_WITHIN,
    change_state,
    keep_state,
    pause_until,
)
from newsletter_app.subscribers.service import (
    LAYOUTS,
    create,
    end_pauses,
    find,
    find_by_address,
    find_by_key,
    pause,
    paused_out,
    set_language,
    set_layout,
    set_name,
    set_wish,
    try_again,
)

__all__ = [
    "CONFIRM_WITHIN",
    "LAYOUTS",
    "NONCE_BYTES",
    "PAUSES",
    "UNDO_WITHIN",
    "AddressAsked",
    "AddressChange",
    "Subscriber",
    "ask_address_change",
    "change_state",
    "changed_address_since",
    "confirm_address_change",
    "create",
    "data_subject",
    "end_pauses",
    "find",
    "find_by_address",
    "find_by_key",
    "find_change",
    "forget_changes",
    "keep_address",
    "keep_state",
    "new_nonce",
    "pause",
    "pause_until",
    "paused_out",
    "remove",
    "set_language",
    "set_layout",
    "set_name",
    "set_wish",
    "try_again",
]
