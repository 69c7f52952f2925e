"""quotes"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "b2d8f61a0c23"
down_revision = "a1c7e5f09b12"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "logos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("png", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", types.Instant(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_logos_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logos")),
    )
    op.create_index(
        op.f("ix_logos_organization_id_added_at"), "logos", ["organization_id", "added_at"]
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("event_id", types.Identifier(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("logo_id", sa.Integer(), nullable=True),
        sa.Column("recipient", types.Document, nullable=False),
        sa.Column("content", types.Document, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_low", sa.BigInteger(), nullable=False),
        sa.Column("total_high", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", types.Instant(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("sent_at", types.Instant(), nullable=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("first_viewed_at", types.Instant(), nullable=True),
        sa.Column("last_viewed_at", types.Instant(), nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_quotes_sequence")),
        sa.CheckConstraint("total_low BETWEEN 0 AND total_high", name=op.f("ck_quotes_total")),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_quotes_lead_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["logo_id"], ["logos.id"], name=op.f("fk_quotes_logo_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_quotes_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["quotes.id"], name=op.f("fk_quotes_replaces_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        *(
            sa.UniqueConstraint(
                "organization_id",
                *names,
                name=op.f("_".join(("uq_quotes_organization_id", *names))),
            )
            for names in (
                ("event_id", "lead_id"),
                ("number",),
                ("replaces_id",),
                ("year", "sequence"),
            )
        ),
    )
    for name in ("issued_at", "lead_id"):
        op.create_index(
            op.f(f"ix_quotes_organization_id_{name}"), "quotes", ["organization_id", name]
        )
    protect(op, "logos", "quotes")


def downgrade():
    op.drop_table("quotes")
    op.drop_table("logos")
