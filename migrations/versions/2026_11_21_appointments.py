"""appointments"""

revision = "c3e90a2b1d34"
down_revision = "b2d8f61a0c23"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
