"""From one proof to the next: which page follows, and the new session that each step begins (S20)."""

from __future__ import annotations

from flask import Response, g, request

from newsletter_app import audit, identity
from newsletter_app.identity import Staff, Stage
from newsletter_app.web.database import commit, session
from newsletter_app.web.ports import ports
from newsletter_app.web.staff import cookie, throttle

NEXT: dict[Stage, str] = {"password": "staff.code", "enrol": "staff.second_factor"}


def enter(response: Response, staff: Staff, stage: Stage, *, how: str) -> Response:
    """Begin a session at ``stage`` in place of the one before, commit, and hand its cookie out.

    ``how`` says what was proven last; being let in is noted with it.
    """
    now, agent = ports().clock(), request.headers.get("User-Agent", "")
    leave()
    identity.sessions.forget_ended(session(), now)
    if stage == "enrol":
        # Whoever else came with the password alone would be shown the same seed, and keep it.
        identity.sessions.end_all(session(), staff.id)
        identity.begin_second_factor(session(), staff, hash_key=ports().settings.hash_key)
    key = identity.sessions.begin(session(), staff, stage, agent=agent, now=now)
    if stage == "full":
        staff.signed_in_at = now
        note(staff.address, "staff.signed-in", f"staff:{staff.id}", how=how)
    commit()
    cookie.hand_out(response, key)
    return throttle.remember(response, staff.address) if stage == "full" else response


def leave() -> None:
    """End the session of this request, if there is one."""
    if g.signed_in is not None:
        identity.sessions.end(session(), g.signed_in.actor.id, g.signed_in.session_id)


def note(actor: str, action: str, subject: str = "", **details: str) -> None:
    """Note an act of this request in the audit log: who, what, on what, when, from where (S29)."""
    now = ports().clock()
    audit.note(session(), actor=actor, action=action, subject=subject, details=details, now=now)
