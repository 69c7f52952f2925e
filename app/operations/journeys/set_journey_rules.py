"""Set by which rules the organization shares credit, and judges journeys."""

from datetime import datetime

from app.domain.attribution.attribution import AttributionRules
from app.domain.journeys.journey_rules import JourneyRules
from app.extensions import db
from app.models import AuditLog
from app.operations.audit import audit
from app.operations.hold_organization import hold_organization
from app.operations.start_job import start_job
from app.queries.journeys.journey_rules import ATTRIBUTION, JOURNEYS, SET

ATTRIBUTE_ALL = "leads.attribute"
REFRESH_ALL = "leads.journeys"


def set_attribution_rules(
    rules: AttributionRules, *, shown_at: str, user_id: int | None, now: datetime
) -> AuditLog | None:
    """From now on credit is shared by these; what was shared by the models that differ is shared
    again, in a job that is `shown_at` a page. The line of the audit log, None: nothing changed."""
    who = {"user_id": user_id, "now": now}
    before, line = _set(ATTRIBUTION, AttributionRules, rules, who)
    if line:
        models = before.changed_models(rules)
        start_job(ATTRIBUTE_ALL, {"again": models, "shown_at": shown_at}, **who)
    return line


def set_journey_rules(
    rules: JourneyRules, *, shown_at: str, user_id: int | None, now: datetime
) -> AuditLog | None:
    """From now on journeys are judged by these; all of them are judged again, in a job that is
    `shown_at` a page. The line of the audit log, None: nothing changed."""
    who = {"user_id": user_id, "now": now}
    _, line = _set(JOURNEYS, JourneyRules, rules, who)
    if line:
        start_job(REFRESH_ALL, {"shown_at": shown_at}, **who)
    return line


def _set(part: str, kind: type, rules, who: dict) -> tuple:
    """What was before, and the line of the audit log where that was something else."""
    organization = hold_organization()
    settings = organization.settings or {}
    before = kind.from_json(settings.get(part, {}))
    old, new = before.to_json(), rules.to_json()
    changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    if not changed:
        return before, None
    organization.settings = {**settings, part: new}
    line = audit(SET[part], f"organization {organization.id}", {"changed": changed}, **who)
    db.session.flush()
    return before, line
