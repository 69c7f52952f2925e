"""jobs"""

revision = "d4fa1b3c2e45"
down_revision = "c3e90a2b1d34"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
