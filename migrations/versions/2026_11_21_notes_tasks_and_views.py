"""notes, tasks and saved views"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "4eb18c0d9fb2"
down_revision = "3da07b9c8ea1"
branch_labels = None
depends_on = None


def owned(table: str) -> list:
    return [
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f(f"fk_{table}_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def of_lead(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_lead_id")
    return sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=name, ondelete="CASCADE")


def of_user(table: str, column: str, gone: str = "SET NULL") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["users.id"], name=name, ondelete=gone)


def upgrade():
    op.create_table(
        "lead_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("edited_at", types.Instant(), nullable=True),
        sa.Column("removed_at", types.Instant(), nullable=True),
        of_lead("lead_notes"),
        of_user("lead_notes", "user_id"),
        *owned("lead_notes"),
    )
    op.create_index(
        op.f("ix_lead_notes_organization_id_lead_id_created_at"),
        "lead_notes",
        ["organization_id", "lead_id", "created_at"],
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("due_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", types.Instant(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        of_lead("tasks"),
        of_user("tasks", "assignee_id"),
        of_user("tasks", "created_by_id"),
        of_user("tasks", "done_by_id"),
        *owned("tasks"),
    )
    op.create_index(
        op.f("ix_tasks_organization_id_lead_id"), "tasks", ["organization_id", "lead_id"]
    )
    op.create_index(
        op.f("ix_tasks_organization_id_assignee_id_done_at_due_at"),
        "tasks",
        ["organization_id", "assignee_id", "done_at", "due_at"],
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "name",
            name=op.f("uq_saved_views_organization_id_user_id_name"),
        ),
        of_user("saved_views", "user_id", "CASCADE"),
        *owned("saved_views"),
    )
    protect(op, "lead_notes", "tasks", "saved_views")


def downgrade():
    op.drop_table("saved_views")
    op.drop_table("tasks")
    op.drop_table("lead_notes")
