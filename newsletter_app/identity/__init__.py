"""Staff: who may do what in the console, and how they prove who they are; it knows no page and no cookie."""

from __future__ import annotations

from newsletter_app.identity import passwords, second_factor, sessions
from newsletter_app.identity.actor import Actor, Role
from newsletter_app.identity.appointing import (
    disable,
    enable,
    everyone,
    find,
    invite,
    invite_again,
    set_language,
    set_role,
)
from newsletter_app.identity.enrolling import (
    begin_second_factor,
    candidate,
    codes_left,
    confirm_second_factor,
    forget_second_factor,
    judge_password,
    new_recovery_codes,
    set_password,
    shortest_password,
)
from newsletter_app.identity.first_start import (
    finish,
    first_link,
    first_owner,
    is_finished,
    is_open,
    proves_first,
    steps_done,
    try_mail,
)
from newsletter_app.identity.letters import ask_reset, give_password_link, of_link, password_link
from newsletter_app.identity.models import Staff, StaffSession
from newsletter_app.identity.proving import by_address, check_code, check_password, next_stage, note_refusal
from newsletter_app.identity.rules import (
    ALLOWED,
    NEEDS_SECOND_FACTOR,
    ROLES,
    VERBS,
    Verb,
    may,
    may_approve,
    may_change_staff,
)
from newsletter_app.identity.sessions import FRESH, FRESH_FORM, IDLE, SignedIn, Stage

__all__ = [
    "ALLOWED",
    "FRESH",
    "FRESH_FORM",
    "IDLE",
    "NEEDS_SECOND_FACTOR",
    "ROLES",
    "VERBS",
    "Actor",
    "Role",
    "SignedIn",
    "Staff",
    "StaffSession",
    "Stage",
    "Verb",
    "ask_reset",
    "begin_second_factor",
    "by_address",
    "candidate",
    "check_code",
    "check_password",
    "codes_left",
    "confirm_second_factor",
    "disable",
    "enable",
    "everyone",
    "find",
    "finish",
    "first_link",
    "first_owner",
    "forget_second_factor",
    "give_password_link",
    "invite",
    "invite_again",
    "is_finished",
    "is_open",
    "judge_password",
    "may",
    "may_approve",
    "may_change_staff",
    "new_recovery_codes",
    "next_stage",
    "note_refusal",
    "of_link",
    "password_link",
    "passwords",
    "proves_first",
    "second_factor",
    "sessions",
    "set_language",
    "set_password",
    "set_role",
    "shortest_password",
    "steps_done",
    "try_mail",
]
