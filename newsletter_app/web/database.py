"""The request's session as rooms want it; a view that writes commits here, once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from newsletter_app.extensions import db


def session() -> Session:
    """Return the session of this request (it cannot write during GET, HEAD and OPTIONS)."""
    return db.session()


def commit() -> None:
    """Make what this request wrote durable; its rings leave now."""
    db.session.commit()


def forget() -> None:
    """Undo what this request wrote, so that an answer can still be rendered."""
    db.session.rollback()
