"""Staff as facts: who may work in the console, how they prove it, and where they are signed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base

THE_ONE = 1


class Staff(Base):
    """One person who works in the console or is named on the command line.

    ``state`` is invited (no password yet), active or disabled; nobody is deleted, since the log names them.
    ``seed`` is the second factor's, sealed (see ``sealing``), ``candidate`` one that no code has confirmed
    yet, ``last_step`` the newest thirty seconds whose code was used. A new ``nonce`` revokes every link.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    candidate: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(default=0)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    link_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for when this person signs in."""
        return self.seed is not None


class RecoveryCode(Base):
    """One code for the day the phone is lost: its keyed hash, and when it was used up."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """One browser that is signed in, known by the hash of what its cookie holds.

    ``stage`` is what was proven: password (a code is still asked for), enrol (the second factor is to be set
    up) or full. ``fresh_at`` is when the person last proved who they are, ``until`` the absolute limit.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (Index("ix_staff_sessions_until", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    stage: Mapped[str] = mapped_column(String(10))
    agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    fresh_at: Mapped[datetime]
    until: Mapped[datetime]


class SetUp(Base):
    """The first start: one row, whose nonce the link on the terminal is made of, and what was tried."""

    __tablename__ = "set_up"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    mail_tried_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
