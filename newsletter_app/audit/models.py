"""The audit log as facts: who did what, when and from where; rows are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.audit import append_only
from newsletter_app.kernel.base import Base


class AuditEntry(Base):
    """One act of a person or of the machine; ``origin`` is the IP address it came from, "" for a command."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(320))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    origin: Mapped[str] = mapped_column(String(45), default="", server_default="")


append_only.keep(AuditEntry.__table__)
