"""The migrations build what the models say, can be undone, and lose nothing when run again."""

import json

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app.extensions import db


@pytest.fixture(autouse=True)
def quiet(app):
    """Alembic reads its own logging settings otherwise, and prints."""
    db.session.remove()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def columns() -> dict[str, list[tuple]]:
    looking = inspect(db.engine)
    return {
        table: sorted(
            (c["name"], str(c["type"]), c["nullable"]) for c in looking.get_columns(table)
        )
        for table in tables()
    }


def test_an_upgraded_database_is_what_the_models_say(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        assert compare_metadata(context, db.metadata) == []


def test_down_to_nothing_and_up_again_gives_the_same_tables(app):
    before = columns()
    assert before
    downgrade(revision="base")
    assert tables() == set()
    upgrade()
    assert columns() == before


def test_every_step_can_be_undone_and_done_again(app):
    script = ScriptDirectory(str(app.extensions["migrate"].directory))
    for revision in script.walk_revisions():  # from the newest back
        downgrade(revision=revision.revision)
        reached = columns()
        downgrade(revision=revision.down_revision or "base")
        upgrade(revision=revision.revision)
        assert columns() == reached
    upgrade()


def test_there_is_one_head(app):
    script = ScriptDirectory(str(app.extensions["migrate"].directory))
    assert len(script.get_heads()) == 1


def test_upgrading_an_upgraded_database_keeps_every_row(app, cast):
    before = rows()
    assert len(before["organizations"]) == 2
    db.session.remove()
    upgrade()
    assert rows() == before


def rows() -> dict[str, list[str]]:
    with db.engine.connect() as connection:
        return {
            table: [
                json.dumps(list(row), default=str)
                for row in connection.execute(text(f'SELECT * FROM "{table}"'))
            ]
            for table in sorted(tables())
        }
