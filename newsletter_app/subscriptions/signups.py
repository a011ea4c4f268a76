"""Signups: one row per post of a public form, with its evidence; the address is never looked up here (S1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, cast

from sqlalchemy import Table, exists, select
from sqlalchemy.orm import Session, make_transient_to_detached

from newsletter_app.kernel.addresses import Address, parse_address
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.kernel.rings import ring
from newsletter_app.subscribers import new_nonce
from newsletter_app.subscriptions.models import Signup
from newsletter_app.subscriptions.rules import AGAIN_AFTER

Kind = Literal["subscribe", "again", "link"]

_TABLE: Final = cast(Table, Signup.__table__)
# One statement, written out once: the session's own way through a flush costs twice as much.
_INSERT: Final = _TABLE.insert().returning(_TABLE.c.id)


@dataclass(frozen=True, slots=True)
class SignupForm:
    """What was posted, and what the page showed; ``time_zone`` is what the browser lives by, "" if untold."""

    address: Address
    notice_ids: tuple[int, ...] = ()
    language: Language = "en"
    wording: str = ""
    page_url: str = ""
    ip: str = ""
    user_agent: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class AgainResult:
    """Whether the mail goes out again; ``not_before`` says when, while it is too early."""

    code: Literal["sent", "too-early", "used"]
    not_before: datetime | None = None


def receive(
    session: Session, form: SignupForm, now: datetime, kind: Kind = "subscribe", again_of: int | None = None
) -> Signup:
    """Write one row and ring the worker that decides; the same work for every address."""
    values = {
        "kind": kind,
        "address": str(form.address),
        "notice_ids": sorted(set(form.notice_ids)),
        "language": form.language,
        "wording": form.wording,
        "page_url": form.page_url[:500],
        "ip": form.ip[:45],
        "user_agent": form.user_agent[:300],
        "time_zone": form.time_zone,
        "again_of": again_of,
        "nonce": new_nonce(),
        "created_at": now,
    }
    signup_id = session.connection().execute(_INSERT, values).scalar_one()
    ring(session, "decide_signups")
    return _standing(session, Signup(id=signup_id, **values))


def ask_for_link(session: Session, form: SignupForm, now: datetime) -> Signup:
    """Ask for the link to one's choices; the notices of ``form`` are of no account."""
    return receive(session, replace(form, notice_ids=()), now, kind="link")


def ask_again(session: Session, signup: Signup, now: datetime) -> AgainResult:
    """Ask for the mail once more from the page "check your mail": once, ten minutes after the form.

    Only rows of this very page are looked at, so that the answer tells nothing about the address;
    that an address gets one such mail a day holds when it is decided (S2).
    """
    not_before = signup.created_at + AGAIN_AFTER
    if now < not_before:
        return AgainResult("too-early", not_before)
    asked = exists().where(Signup.kind == "again", Signup.again_of == signup.id)
    if session.scalar(select(asked)):
        return AgainResult("used")
    receive(session, _form_of(signup), now, kind="again", again_of=signup.id)
    return AgainResult("sent")


def renew_link(session: Session, signup: Signup, now: datetime) -> Signup:
    """Ask anew for what a link that is too old was for, with no typing; the old link stays dead."""
    kind: Kind = "link" if signup.kind == "link" else "subscribe"
    return receive(session, _form_of(signup), now, kind=kind)


def find_signup(session: Session, signup_id: int) -> Signup | None:
    """Return the signup with this id, or None."""
    return session.get(Signup, signup_id)


def undecided_ids(session: Session, limit: int) -> Sequence[int]:
    """Return the oldest signups that nothing was decided about."""
    waiting = select(Signup.id).where(Signup.decided_at.is_(None)).order_by(Signup.id).limit(limit)
    return session.scalars(waiting).all()


def _standing(session: Session, signup: Signup) -> Signup:
    """Return ``signup``, whose row is there, as if ``session`` had read it."""
    make_transient_to_detached(signup)
    session.add(signup)
    return signup


def _form_of(signup: Signup) -> SignupForm:
    return SignupForm(
        parse_address(signup.address),
        tuple(signup.notice_ids),
        as_language(signup.language),
        signup.wording,
        signup.page_url,
        signup.ip,
        signup.user_agent,
        signup.time_zone,
    )
