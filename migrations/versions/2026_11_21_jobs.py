"""jobs"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "d4fa1b3c2e45"
down_revision = "c3e90a2b1d34"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'running')")
NO_SITE = sa.text("site_id IS NULL")


def upgrade():
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("arguments", types.Document, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_steps", sa.Integer(), nullable=False),
        sa.Column("all_steps", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("kept", types.Document, nullable=True),
        sa.Column("result", types.Document, nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=True),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.Column("leased_until", types.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_jobs_state"),
        ),
        sa.CheckConstraint("done_steps >= 0 AND all_steps >= 0", name=op.f("ck_jobs_steps")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_jobs_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_jobs_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        op.f("ix_jobs_organization_id_kind_created_at"),
        "jobs",
        ["organization_id", "kind", "created_at"],
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["organization_id", "created_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "rule_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("made_from", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", types.Document, nullable=False),
        sa.Column("earlier", types.Document, nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('interaction', 'session')", name=op.f("ck_rule_drafts_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_rule_drafts_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_rule_drafts_site_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["users.id"],
            name=op.f("fk_rule_drafts_updated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_drafts")),
        sa.UniqueConstraint(
            "organization_id",
            "kind",
            "site_id",
            name=op.f("uq_rule_drafts_organization_id_kind_site_id"),
        ),
    )
    op.create_index(
        "uq_rule_drafts_interaction",
        "rule_drafts",
        ["organization_id"],
        unique=True,
        sqlite_where=NO_SITE,
        postgresql_where=NO_SITE,
    )
    op.add_column("leads", sa.Column("interaction_score", sa.Integer(), nullable=True))
    op.add_column("leads", sa.Column("scored_interaction_id", sa.Integer(), nullable=True))
    protect(op, "jobs", "rule_drafts")


def downgrade():
    op.drop_column("leads", "scored_interaction_id")
    op.drop_column("leads", "interaction_score")
    op.drop_table("rule_drafts")
    op.drop_table("jobs")
