"""The audit log keeps acts in their order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter_app import audit


def test_the_newest_act_comes_first(session: Session, now: datetime) -> None:  # S29
    """Who, what, on what and when are read back as they were noted."""
    audit.note(session, actor="machine", action="campaign.launched", subject="campaign:1", now=now)
    audit.note(session, actor="eve@example.org", action="campaign.paused", details={"why": "typo"}, now=now)
    newest, oldest = audit.newest(session)
    assert (newest.actor, newest.action, newest.details) == (
        "eve@example.org",
        "campaign.paused",
        {"why": "typo"},
    )
    assert (oldest.subject, oldest.at) == ("campaign:1", now)
    assert audit.newest(session, limit=1) == [newest]
