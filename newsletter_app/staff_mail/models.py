"""Staff mails as facts: what each person was told of, what they switched off, why sending stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base


class StaffTelling(Base):
    """That a person was told of one thing (``about``: "step:12", "campaign:4"), or had switched that off.

    The key makes a second mail impossible; it outlives the mail itself, which is let go of after a while.
    """

    __tablename__ = "staff_tellings"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    about: Mapped[str] = mapped_column(String(120), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    told_at: Mapped[datetime]


class StaffSilence(Base):
    """A kind of mail that a person switched off."""

    __tablename__ = "staff_silences"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)


class Stoppage(Base):
    """A reason why sending stands still ("breaker", "lock:restored"), since when and when last seen."""

    __tablename__ = "stoppages"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
