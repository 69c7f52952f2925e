"""journeys"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "2c9f6a8b7d90"
down_revision = "1b8e5f7a6c89"
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


def upgrade():
    op.create_table(
        "lead_journeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("last_activity_at", types.Instant(), nullable=True),
        sa.Column("interactions", sa.Integer(), nullable=False),
        sa.Column("touchpoints", sa.Integer(), nullable=False),
        sa.Column("counts", types.Document, nullable=False),
        sa.Column("channels", types.Document, nullable=False),
        sa.Column("engagement", sa.Integer(), nullable=False),
        sa.Column("trend", sa.String(), nullable=False),
        sa.Column("churn_risk", sa.Integer(), nullable=False),
        sa.Column("parts", types.Document, nullable=False),
        sa.Column("milestones", types.Document, nullable=False),
        sa.Column("deviation", types.Document, nullable=False),
        sa.Column("total_revenue", sa.BigInteger(), nullable=False),
        sa.Column("predicted_value", sa.BigInteger(), nullable=True),
        sa.Column("predicted_because", sa.String(), nullable=False),
        sa.Column("insights", types.Document, nullable=False),
        sa.Column("next_action", types.Document, nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_lead_journeys_lead_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "organization_id", "lead_id", name=op.f("uq_lead_journeys_organization_id_lead_id")
        ),
        *owned("lead_journeys"),
    )
    op.create_index(
        op.f("ix_lead_journeys_organization_id_churn_risk"),
        "lead_journeys",
        ["organization_id", "churn_risk"],
    )
    op.create_table(
        "learned_histories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("history", types.Document, nullable=False),
        sa.Column("learned_at", types.Instant(), nullable=False),
        sa.UniqueConstraint("organization_id", name=op.f("uq_learned_histories_organization_id")),
        *owned("learned_histories"),
    )
    protect(op, "lead_journeys", "learned_histories")


def downgrade():
    op.drop_table("learned_histories")
    op.drop_table("lead_journeys")
