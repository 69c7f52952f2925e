"""acts of leads"""

import sqlalchemy as sa
from alembic import op

revision = "60d3ae2fb0d4"
down_revision = "5fc29d1eafc3"
branch_labels = None
depends_on = None

NAMED = {
    "sqlite_where": sa.text("lead_id IS NOT NULL"),
    "postgresql_where": sa.text("lead_id IS NOT NULL"),
}


def upgrade():
    columns = ["organization_id", "lead_id", "type", "occurred_at"]
    op.create_index("ix_interactions_of_leads", "interactions", columns, **NAMED)
    op.drop_index("ix_interactions_organization_id_lead_id", "interactions")
    if op.get_bind().dialect.name == "sqlite":  # an index of unknown size is taken for a small one
        for table in ("leads", "interactions"):
            op.execute(f"ANALYZE {table}")


def downgrade():
    columns = ["organization_id", "lead_id"]
    op.create_index("ix_interactions_organization_id_lead_id", "interactions", columns, **NAMED)
    op.drop_index("ix_interactions_of_leads", "interactions")
