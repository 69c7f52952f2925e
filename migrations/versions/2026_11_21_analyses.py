"""analyses"""

revision = "f61c3d5e4a67"
down_revision = "e50b2c4d3f56"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
