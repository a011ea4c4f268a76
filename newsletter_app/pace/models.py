"""Pace as facts: the rates that hold and the warm-ups that grow; what was sent stands in the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import CheckConstraint, Dialect, Integer, String, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base

_THOUSAND: Final = Decimal(1000)


class Thousandths(TypeDecorator[Decimal]):
    """A decimal of at most three places, kept as a whole number: SQLite has no decimals of its own."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Return the number of thousandths. Raises ValueError when some would be lost."""
        if value is None:
            return None
        whole = value * _THOUSAND
        if whole != whole.to_integral_value():
            raise ValueError("more than three decimal places cannot be kept")
        return int(whole)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the kept decimal."""
        return None if value is None else value / _THOUSAND


class PaceLimit(Base):
    """Messages per second: ``overall`` (name ""), by ``server`` ("host:port") or by recipient ``domain``."""

    __tablename__ = "pace_limits"
    __table_args__ = (
        CheckConstraint("scope IN ('overall', 'server', 'domain')", name="scope_known"),
        CheckConstraint("per_second > 0", name="rate_positive"),
    )

    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(261), primary_key=True)
    per_second: Mapped[Decimal] = mapped_column(Thousandths)


class WarmUp(Base):
    """A daily cap that grows by ``growth`` a day from ``messages`` on ``first_day`` up to ``ceiling``."""

    __tablename__ = "warm_ups"
    __table_args__ = (
        CheckConstraint("scope IN ('overall', 'server')", name="scope_known"),
        CheckConstraint("messages > 0 AND ceiling >= messages AND growth >= 1000", name="grows"),
    )

    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(261), primary_key=True)
    first_day: Mapped[date]
    messages: Mapped[int]
    growth: Mapped[Decimal] = mapped_column(Thousandths)
    ceiling: Mapped[int]
