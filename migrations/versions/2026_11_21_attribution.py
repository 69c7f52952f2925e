"""attribution"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "0a7d4e6f5b78"
down_revision = "f61c3d5e4a67"
branch_labels = None
depends_on = None


def organization(table: str) -> list:
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
    op.add_column("lead_attribution", sa.Column("summary", types.Document, nullable=True))
    op.create_table(
        "attribution_credits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("conversion_type", sa.String(), nullable=False),
        sa.Column("conversion_at", types.Instant(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["leads.id"],
            name=op.f("fk_attribution_credits_lead_id"),
            ondelete="CASCADE",
        ),
        *organization("attribution_credits"),
    )
    for columns in (("conversion_type", "conversion_at"), ("lead_id",)):
        name = "_".join(("ix_attribution_credits_organization_id", *columns))
        op.create_index(op.f(name), "attribution_credits", ["organization_id", *columns])
    op.create_table(
        "channel_worth",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversion_type", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.Column("journeys", sa.Integer(), nullable=False),
        sa.Column("conversions", sa.Integer(), nullable=False),
        sa.Column("learned_at", types.Instant(), nullable=False),
        *organization("channel_worth"),
        sa.UniqueConstraint(
            "organization_id",
            "conversion_type",
            "model",
            "channel",
            name=op.f("uq_channel_worth_organization_id_conversion_type_model_channel"),
        ),
    )
    op.create_table(
        "spend",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_spend_days")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_spend_amount")),
        *organization("spend"),
    )
    op.create_index(
        op.f("ix_spend_organization_id_ends_on"), "spend", ["organization_id", "ends_on"]
    )
    protect(op, "attribution_credits", "channel_worth", "spend")


def downgrade():
    for table in ("spend", "channel_worth", "attribution_credits"):
        op.drop_table(table)
    op.drop_column("lead_attribution", "summary")
