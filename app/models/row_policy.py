"""PostgreSQL's row-level security on an owned table, for migrations.

A row is seen and written only by the organization that the connection says it acts for
(`leadlight.organization`, set by app/tenancy.py); without that setting all rows are seen.
SQLite has no such thing: both functions do nothing there.
"""

OWN = (
    "organization_id = coalesce("
    "nullif(current_setting('leadlight.organization', true), '')::integer, organization_id)"
)


def protect(op, *tables: str) -> None:
    """Puts the policy on new owned tables; call it at the end of `upgrade`."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ({OWN}) WITH CHECK ({OWN})")
