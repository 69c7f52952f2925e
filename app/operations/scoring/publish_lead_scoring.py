"""Put the settings of lead score and automatic moves in force."""

from datetime import datetime

from app.domain.scoring.lead_scoring import LeadScoring
from app.extensions import db
from app.operations.audit import audit
from app.operations.hold_organization import hold_organization
from app.operations.start_job import start_job
from app.queries.scoring.lead_scoring import PUBLISHED

SCORE_ALL, REFRESH_ALL = "leads.score", "leads.journeys"
SUBJECT = "lead score and automatic moves"
LONGEST_NOTE = 300


class ScoringConflict(Exception):
    """Something else was published since this draft was previewed."""


def publish_lead_scoring(
    scoring: LeadScoring,
    *,
    previewed_against: LeadScoring,
    note: str,
    shown_at: str,
    user_id: int | None,
    now: datetime,
) -> LeadScoring:
    """From now on leads are scored and move by this; all of them are scored again in a job that is
    `shown_at` a page, where anything that scores has changed.

    Raises ScoringConflict when what is in force is not any more what it was previewed against.
    """
    organization = hold_organization()
    settings = organization.settings or {}
    before = LeadScoring.from_json(settings)
    if before.to_json() != previewed_against.to_json():
        raise ScoringConflict
    rescored = before.to_json()["lead_rules"] != scoring.to_json()["lead_rules"]
    scoring = scoring.numbered(before.rules.version + rescored)
    organization.settings = {
        **settings,
        "lead_rules": scoring.rules.to_json(),
        "lifecycle": scoring.lifecycle.to_json(),
    }
    detail = {
        "version": scoring.rules.version,
        "note": note.strip()[:LONGEST_NOTE],
        "before": before.to_json(),
        "after": scoring.to_json(),
    }
    audit(PUBLISHED, SUBJECT, detail, user_id=user_id, now=now)
    if rescored:
        reason = f"lead rules version {scoring.rules.version}"
        start_job(SCORE_ALL, {"reason": reason, "shown_at": shown_at}, user_id=user_id, now=now)
    if before.lifecycle != scoring.lifecycle:
        start_job(REFRESH_ALL, {"shown_at": shown_at}, user_id=user_id, now=now)
    db.session.flush()
    return scoring
