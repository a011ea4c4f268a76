"""The Flask extensions, made once and bound by the composition root; no logic lives here."""

from __future__ import annotations

from typing import Any

from flask import Flask, has_request_context, request
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from newsletter_app.kernel import remembering
from newsletter_app.kernel.base import read_only
from newsletter_app.tables import metadata

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Posted so that no address stands in a log, and read as any page is.
POSTED_TO_READ = frozenset({"staff.explain_reader"})
READ = "newsletter_read"


class Session(FlaskSession):
    """A session whose transactions cannot write while a safe method is answered (RFC 9110 9.2.1).

    Nor can they for what is posted only to read.
    """

    def get_bind(self, *arguments: Any, **keywords: Any) -> Engine | Connection:
        """Return the engine, in its read-only form while something is only read."""
        bind = super().get_bind(*arguments, **keywords)
        if isinstance(bind, Engine) and _is_reading():
            remembering.keep(self)
            return read_only(bind)
        return bind

    def close(self) -> None:
        """End the session, also when its database has just died: then there is nothing to roll back.

        Raised behind the view, that would replace a good answer, and gunicorn would log the page's address,
        which may hold a token (S10).
        """
        self.info.pop(READ, None)
        remembering.forget(self)
        try:
            super().close()
        except DBAPIError:
            self.invalidate()


def _is_reading() -> bool:
    if not has_request_context():
        return False
    return request.method in SAFE_METHODS or request.endpoint in POSTED_TO_READ


@event.listens_for(Session, "loaded_as_persistent")
def _hold(session: Session, row: object) -> None:
    """Hold a row until its page is answered: a session lets go of rows at once, and asks for each again."""
    if _is_reading():
        session.info.setdefault(READ, []).append(row)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the engine of the ports, so that web and workers share one recipe."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine: Engine = app.extensions["ports"].engine
        return engine


db = Database(metadata=metadata, session_options={"class_": Session, "expire_on_commit": False})
migrate = Migrate(db=db, directory="newsletter_app/migrations")
babel = Babel()
