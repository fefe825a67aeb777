"""Runs the revisions on the connection that ``headquarters.database.migrate`` hands in; there is no command line of its own."""

from __future__ import annotations

from alembic import context

from headquarters.models import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
