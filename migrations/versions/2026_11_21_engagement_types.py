"""engagement types"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "1b8e5f7a6c89"
down_revision = "0a7d4e6f5b78"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "engagement_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("points BETWEEN 0 AND 100", name=op.f("ck_engagement_types_points")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_engagement_types_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_types")),
        sa.UniqueConstraint(
            "organization_id", "name", name=op.f("uq_engagement_types_organization_id_name")
        ),
    )
    protect(op, "engagement_types")


def downgrade():
    op.drop_table("engagement_types")
