"""Alembic's way into the application's database and tables."""

from alembic import context
from flask import current_app
from sqlalchemy import JSON

database = current_app.extensions["migrate"].db


def render_item(kind, item, autogen_context):
    """Our column types by their short names (script.py.mako imports the module as `types`)."""
    if kind == "type" and isinstance(item, JSON):
        return "types.Document"
    if kind == "type" and type(item).__module__ == "app.models.types":
        return f"types.{item!r}"
    return False


def run():
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
