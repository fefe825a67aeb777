"""Schema history of the headquarters database, run by Alembic."""
