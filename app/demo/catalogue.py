"""Give an organization the demo clinic's treatments, places and texts."""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.extensions import db
from app.models import Clinic, Organization, Treatment
from app.operations.audit import audit
from app.tenancy import acting_for

CLINIC = Path(__file__).with_name("clinic.json")


def load_catalogue(organization_id: int, now: datetime) -> None:
    """Adds what is missing and renews what is there, by slug; settings already made are kept.

    The caller commits.
    """
    clinic = json.loads(CLINIC.read_text(encoding="utf-8"))
    with acting_for(organization_id):
        _put(Treatment, clinic["treatments"])
        _put(Clinic, clinic["clinics"])
        organization = db.session.get(Organization, organization_id)
        organization.settings = {**clinic["settings"], **(organization.settings or {})}
        counts = {name: len(clinic[name]) for name in ("treatments", "clinics")}
        audit("catalogue.loaded", "catalogue", counts, user_id=None, now=now)
        db.session.flush()


def _put(model, entries: list[dict]):
    known = {row.slug: row for row in db.session.scalars(select(model))}
    for place, entry in enumerate(entries, start=1):
        row = known.get(entry["slug"]) or model(slug=entry["slug"])
        for name, value in {"position": place, **entry}.items():
            setattr(row, name, value)
        db.session.add(row)
