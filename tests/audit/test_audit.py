"""The audit log keeps acts in their order."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from newsletter_app import audit
from newsletter_app.audit import AuditEntry


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


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEntry).values(actor="nobody", subject=audit.BLOT),
        update(AuditEntry).values(subject="another"),
        delete(AuditEntry),
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(
    session: Session, now: datetime, statement: Executable
) -> None:  # S29
    audit.note(session, actor="eve@example.org", action="campaign.paused", now=now)
    with pytest.raises(DBAPIError, match="only grows"), session.begin_nested():
        session.execute(statement)
    assert audit.newest(session)[0].actor == "eve@example.org"


def test_erasure_alone_blots_an_address(session: Session, now: datetime) -> None:  # S29, L14
    entry = audit.note(session, actor="eve@example.org", action="told", details={"to": "r@x.ca"}, now=now)
    assert audit.blot(session, ["r@x.ca"]) == 1
    assert (entry.actor, entry.details) == ("eve@example.org", {"to": audit.BLOT})
