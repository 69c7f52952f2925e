"""row level security

On PostgreSQL a row is seen and written only by the organization that the connection says it acts
for (`leadlight.organization`, set by app/tenancy.py). Without that setting, as for a sweep or in
psql, all rows are seen. SQLite has no such thing: there the ORM's filter stands alone.
"""

from alembic import op

revision = "3f0c51d2a9be"
down_revision = "d56cff6df7a2"
branch_labels = None
depends_on = None

OWNED = (
    "api_tokens",
    "audit_logs",
    "clinics",
    "consents",
    "interactions",
    "lead_attribution",
    "lead_lifecycle",
    "lead_scores",
    "lead_scoring_rules",
    "lead_visitors",
    "leads",
    "memberships",
    "outbox",
    "rollups",
    "rule_sets",
    "sites",
    "treatments",
    "visitor_days",
    "visitor_sessions",
    "visitors",
)
OWN = (
    "organization_id = coalesce("
    "nullif(current_setting('leadlight.organization', true), '')::integer, organization_id)"
)


def upgrade():
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in OWNED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ({OWN}) WITH CHECK ({OWN})")


def downgrade():
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in OWNED:
        op.execute(f"DROP POLICY own_rows ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
