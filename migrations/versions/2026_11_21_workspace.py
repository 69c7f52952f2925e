"""workspace"""

import sqlalchemy as sa
from alembic import op

revision = "3da07b9c8ea1"
down_revision = "2c9f6a8b7d90"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("leads", sa.Column("external_id", sa.String(), nullable=True))
    op.create_index(
        "uq_leads_organization_id_external_id",
        "leads",
        ["organization_id", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def downgrade():
    op.drop_index("uq_leads_organization_id_external_id", "leads")
    op.drop_column("leads", "external_id")
