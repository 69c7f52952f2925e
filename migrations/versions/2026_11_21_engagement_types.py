"""engagement types"""

revision = "1b8e5f7a6c89"
down_revision = "0a7d4e6f5b78"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
