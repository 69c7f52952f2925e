"""contact forms and mail"""

import sqlalchemy as sa
from alembic import op

from app.models import types

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


def downgrade():
    op.drop_column("leads", "answers")
    op.drop_column("memberships", "told_of_leads")
    for name in ("error", "failed_at", "sent_at"):
        op.drop_column("outbox", name)
