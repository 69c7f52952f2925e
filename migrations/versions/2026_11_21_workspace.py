"""workspace"""

revision = "3da07b9c8ea1"
down_revision = "2c9f6a8b7d90"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
