"""SQLite plans its reads by the sizes it last saw of its tables; PostgreSQL looks by itself."""

from sqlalchemy import func, inspect, select, text

from app.extensions import db
from app.models import Interaction

GREW = 2


def look_if_grown() -> bool:
    """Looks when nobody has yet, or when the log is twice as long as at the last look; whether."""
    if db.engine.dialect.name != "sqlite":
        return False
    length = db.session.scalar(select(func.max(Interaction.__table__.c.id))) or 0
    seen = _seen()
    db.session.rollback()
    if not length or length < GREW * seen:
        return False
    look()
    return True


def look() -> None:
    """Looks at every table, whole: each index begins with the organization, and a look that stops
    early takes that for as good a key as any (with analysis_limit = 400 a lead's acts are found
    1500 times as slowly). A table at a time, so that the lock is short: a second for five million
    interactions."""
    if db.engine.dialect.name == "sqlite":
        for table in db.metadata.sorted_tables:
            db.session.execute(text(f"ANALYZE {table.name}"))
            db.session.commit()


def _seen() -> int:
    """How long the log was at the last look."""
    if not inspect(db.session.connection()).has_table("sqlite_stat1"):
        return 0
    rows = db.session.scalars(
        text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'interactions' AND idx IS NOT NULL")
    )
    return max((int(stat.split()[0]) for stat in rows), default=0)
