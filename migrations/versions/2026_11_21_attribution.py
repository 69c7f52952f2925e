"""attribution"""

revision = "0a7d4e6f5b78"
down_revision = "f61c3d5e4a67"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
