"""quotes"""

revision = "b2d8f61a0c23"
down_revision = "a1c7e5f09b12"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
