"""contact forms and mail"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "e50b2c4d3f56"
down_revision = "d4fa1b3c2e45"
branch_labels = None
depends_on = None


def upgrade():
    for name in ("sent_at", "failed_at"):
        op.add_column("outbox", sa.Column(name, types.Instant(), nullable=True))
    op.add_column("outbox", sa.Column("error", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "memberships",
        sa.Column("told_of_leads", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column(
        "leads", sa.Column("answers", types.Document, nullable=False, server_default="{}")
    )
    op.add_column(
        "lead_visitors",
        sa.Column("recognised", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "contact_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", types.Document, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("published_at", types.Instant(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_contact_forms_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["users.id"],
            name=op.f("fk_contact_forms_published_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_forms")),
        sa.UniqueConstraint(
            "organization_id", "version", name=op.f("uq_contact_forms_organization_id_version")
        ),
    )
    protect(op, "contact_forms")


def downgrade():
    op.drop_table("contact_forms")
    op.drop_column("lead_visitors", "recognised")
    op.drop_column("leads", "answers")
    op.drop_column("memberships", "told_of_leads")
    for name in ("error", "failed_at", "sent_at"):
        op.drop_column("outbox", name)
