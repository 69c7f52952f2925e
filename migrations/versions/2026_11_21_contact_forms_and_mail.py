"""contact forms and mail"""

revision = "e50b2c4d3f56"
down_revision = "d4fa1b3c2e45"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
