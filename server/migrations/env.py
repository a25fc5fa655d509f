"""Alembic's entry: runs on the connection that `server.schema.migrate` hands over."""

from __future__ import annotations

from alembic import context

from server.schema import tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=tables(), render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
