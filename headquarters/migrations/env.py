"""Runs the revisions on the connection that ``headquarters.database.migrate`` hands in; there is no command line of its own.

Every module of tables is imported here, so that the metadata is whole whoever asks for it.
"""

from __future__ import annotations

import importlib
import pkgutil

from alembic import context

import headquarters
from headquarters.models import Base

for _each in pkgutil.iter_modules(headquarters.__path__):
    if _each.name.startswith("models_"):
        importlib.import_module(f"headquarters.{_each.name}")

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
