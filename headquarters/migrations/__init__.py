"""Alembic's folder: ``env`` joins it to the tables, ``versions`` holds one file a revision. Run by ``headquarters.database.migrate``."""
