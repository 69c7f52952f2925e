"""journeys"""

revision = "2c9f6a8b7d90"
down_revision = "1b8e5f7a6c89"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
