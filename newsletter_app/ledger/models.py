"""The ledger's shared facts: the columns every sent row has, the senders that claim, the engine's lock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class State(StrEnum):
    """The states of a delivery or a service mail; the last five are final."""

    queued = "queued"
    claimed = "claimed"
    deferred = "deferred"
    accepted = "accepted"
    refused = "refused"
    expired = "expired"
    skipped = "skipped"
    uncertain = "uncertain"


FINAL = frozenset({State.accepted, State.refused, State.expired, State.skipped, State.uncertain})


class LedgerColumns:
    """What every row that is handed to an SMTP server records (a mixin for mapped classes)."""

    state: Mapped[str] = mapped_column(String(10), default=State.queued)
    reason: Mapped[str | None] = mapped_column(String(40))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    deferrals: Mapped[int] = mapped_column(default=0, server_default="0")
    first_attempt_at: Mapped[datetime | None]
    reply_code: Mapped[int | None]
    reply_enhanced: Mapped[str | None] = mapped_column(String(12))
    reply_text: Mapped[str | None] = mapped_column(String(500))
    server: Mapped[str | None] = mapped_column(String(120))
    claim_sender: Mapped[int | None]
    claim_no: Mapped[int | None]
    claimed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class Sender(Base):
    """One process that hands over mail; ``claim_no`` only rises, and its journal carries it."""

    __tablename__ = "senders"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    host: Mapped[str] = mapped_column(String(120))
    boot_id: Mapped[str] = mapped_column(String(64))
    pid: Mapped[int]
    claim_no: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SendingLock(Base):
    """A reason why nothing may be handed over until a person says so (a restored backup, say)."""

    __tablename__ = "sending_locks"

    reason: Mapped[str] = mapped_column(String(40), primary_key=True)
    details: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]


class Heartbeat(Base):
    """When a named part of the engine last showed that it lives."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class KeyFingerprint(Base):
    """The fingerprint of a key this database was used with; a process with other keys refuses to start."""

    __tablename__ = "key_fingerprints"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Breaker(Base):
    """A mail server or a recipient domain that refuses our mail; while all is well there is no row.

    ``closed``: in doubt, refusals are being counted. ``open``: nothing goes there until ``probe_at``.
    ``half-open``: one message is under way; ``probe_at`` is when another one may try.
    """

    __tablename__ = "breakers"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(261))
    state: Mapped[str] = mapped_column(String(9), default="closed")
    refusals: Mapped[int] = mapped_column(default=0, server_default="0")
    silent: Mapped[int] = mapped_column(default=0, server_default="0")
    domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    trouble: Mapped[str | None] = mapped_column(String(20))
    reply_code: Mapped[int | None]
    reply_enhanced: Mapped[str | None] = mapped_column(String(12))
    reply_text: Mapped[str | None] = mapped_column(String(500))
    probes: Mapped[int] = mapped_column(default=0, server_default="0")
    began_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    probe_at: Mapped[datetime | None]
