import secrets
from datetime import datetime

from app.extensions import db
from app.models import Site
from app.operations.audit import audit


def create_site(values: dict, *, user_id: int | None, now: datetime) -> Site:
    """A new site of the organization acted for, with a random key."""
    site = Site(key=secrets.token_urlsafe(18), created_at=now, **values)
    db.session.add(site)
    db.session.flush()
    audit("site.created", f"site {site.id}", values, user_id=user_id, now=now)
    return site
