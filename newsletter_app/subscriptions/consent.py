"""Consent records: what was shown, where, when, and how it was given or withdrawn; rows are only added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from newsletter_app.kernel import departures
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.subscriptions.models import ConsentRecord, Signup

Act = Literal["asked", "confirmed", "added", "restarted", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an act happened, and the exact wording the person saw (CASL s. 13: the sender proves consent)."""

    ip: str = ""
    user_agent: str = ""
    page_url: str = ""
    language: Language = "en"
    wording: str = ""


def evidence_of(signup: Signup) -> Evidence:
    """Return what the signup keeps of its page."""
    return Evidence(
        signup.ip, signup.user_agent, signup.page_url, as_language(signup.language), signup.wording
    )


def record(
    session: Session,
    act: Act,
    notice_ids: Iterable[int],
    *,
    subscriber_id: int,
    address_key: str,
    source: str,
    evidence: Evidence,
    now: datetime,
    signup_id: int | None = None,
    recorded_by: str | None = None,
) -> None:
    """Add one record per notice: consent is separate for each (CASL, CRTC 2012-549).

    What counts after a restored backup is told outside the database as well; a wish alone does not.
    """
    chosen = set(notice_ids)
    session.add_all(
        ConsentRecord(
            subscriber_id=subscriber_id,
            address_key=address_key,
            notice_id=notice_id,
            act=act,
            consent="express",
            source=source,
            wording=evidence.wording,
            language=evidence.language,
            page_url=evidence.page_url[:500],
            ip=evidence.ip[:45] or None,
            user_agent=evidence.user_agent[:300] or None,
            recorded_by=recorded_by,
            signup_id=signup_id,
            at=now,
        )
        for notice_id in sorted(chosen)
    )
    session.flush()
    if chosen and act != "asked":
        about = ",".join(map(str, sorted(chosen)))
        departures.note(session, departures.Act(now, address_key, act, about))
