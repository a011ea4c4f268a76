"""Runs the migrations on the application's own engine, in one transaction where the database can."""

from __future__ import annotations

from alembic import context
from flask import current_app

from newsletter_app.tables import metadata


def run() -> None:
    """Bring the schema to the revision that was asked for."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


run()
