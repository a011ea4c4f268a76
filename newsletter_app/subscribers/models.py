"""Subscribers as facts: a person's address with preferences, and the changes of address they asked for."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter_app.kernel.base import Base

NONCE_BYTES = 8


def new_nonce() -> bytes:
    """Return a fresh nonce; putting it on a row revokes every link derived from the old one."""
    return secrets.token_bytes(NONCE_BYTES)


class Subscriber(Base):
    """One address. ``address`` is as written to; ``address_key`` is how it is found.

    ``weekday`` (0 = Monday), ``hour`` and ``time_zone`` are their own wish; None leaves it to us.
    """

    __tablename__ = "subscribers"
    __table_args__ = (
        *(
            # Few have either: the tick asks for them every two seconds.
            Index(
                f"ix_subscribers_{name}",
                name,
                sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name in ("weekday", "paused_until")
        ),
        # Ids are never used again: a link names its row by id, for ever.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(64), unique=True)
    domain: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    language: Mapped[str] = mapped_column(String(2))
    layout: Mapped[str] = mapped_column(String(8), default="standard", server_default="standard")
    time_zone: Mapped[str | None] = mapped_column(String(64))
    weekday: Mapped[int | None]
    hour: Mapped[int | None]
    paused_until: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    nonce: Mapped[bytes] = mapped_column(LargeBinary(NONCE_BYTES), default=new_nonce)
    # What stood in ``nonce`` before the last change of address: its links are too old, not unknown.
    former_nonce: Mapped[bytes | None] = mapped_column(LargeBinary(NONCE_BYTES))
    created_at: Mapped[datetime]


class AddressChange(Base):
    """A wish to be written to elsewhere: asked → confirmed → undone, or asked → refused."""

    __tablename__ = "address_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    old_address: Mapped[str] = mapped_column(String(320))
    new_address: Mapped[str] = mapped_column(String(320))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    nonce: Mapped[bytes] = mapped_column(LargeBinary(NONCE_BYTES), default=new_nonce)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
