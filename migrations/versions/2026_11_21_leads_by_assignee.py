"""leads by assignee"""

from alembic import op

revision = "5fc29d1eafc3"
down_revision = "4eb18c0d9fb2"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        op.f("ix_leads_organization_id_assignee_id_lead_score"),
        "leads",
        ["organization_id", "assignee_id", "lead_score"],
    )


def downgrade():
    op.drop_index(op.f("ix_leads_organization_id_assignee_id_lead_score"), "leads")
